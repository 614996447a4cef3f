"""The enrolment service over a real store, with faces that are coloured squares."""

from __future__ import annotations

from datetime import timedelta
from typing import List, Optional

import cv2
import numpy as np
import pytest

from agent.domain.policy.recognition import RecognitionSettings
from agent.enrolments import Consent, PeopleError, Reason
from agent.faces.enrolment import LASTS, MOST_PICTURES, EnrolmentService
from agent.faces.reader import FaceReader
from agent.store.audit import Audit
from agent.store.database import Database
from agent.store.erasure import Erasure
from tests.fakes.changes import AT
from tests.fakes.clock import FakeClock
from tests.fakes.enrolled import embeddings_of, intent, people_store
from tests.fakes.faces import FakeFaceReader, any_face, portrait, street

CONSENT = Consent("Ann", AT, "signed form 12")


class Office:
    """A service, and what it is made of."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.clock = clock
        self.store = people_store(database, clock)
        self.audit = Audit(database, clock)
        self.readers: List[FakeFaceReader] = []
        self.service = EnrolmentService(
            self.store,
            Erasure(database, clock),
            self._reader,
            RecognitionSettings(),
            needed=3,
            clock=clock,
            gate=any_face,
        )

    def _reader(self) -> FaceReader:
        self.readers.append(FakeFaceReader())
        return self.readers[-1]  # type: ignore[return-value]

    def begin(self, name: str = "Ann", *, lookalikes: bool = False) -> str:
        return self.service.begin(name, ["staff"], CONSENT, "shell:root", lookalikes=lookalikes).id

    def enrol(self, name: str, person: int) -> int:
        under_way = self.begin(name)
        for shade in (20, 21, 22):
            assert self.service.add(under_way, png(person, shade)).accepted
        return self.service.finish(under_way).id


@pytest.fixture
def office(database: Database, clock: FakeClock) -> Office:
    return Office(database, clock)


def png(person: Optional[int], shade: int = 20) -> bytes:
    picture = street(shade=shade) if person is None else portrait(person, shade)
    return bytes(cv2.imencode(".png", picture)[1])


def refusal(caught: pytest.ExceptionInfo[PeopleError]) -> str:
    return caught.value.code


def test_three_good_pictures_make_a_person(office: Office) -> None:
    under_way = office.begin("  Ann   Peeters ")
    said = [office.service.add(under_way, png(1, shade)) for shade in (20, 21, 22)]
    assert [(one.accepted, one.good, one.needed) for one in said] == [
        (True, 1, 3),
        (True, 2, 3),
        (True, 3, 3),
    ]
    stands = office.service.enrolment(under_way)
    assert (stands.name, stands.good, stands.needed) == ("Ann Peeters", 3, 3)
    assert stands.expires_at == office.clock.now() + LASTS
    person = office.service.finish(under_way)
    assert (person.name, person.roles, person.faces, person.consent) == (
        "Ann Peeters",
        ("staff",),
        3,
        CONSENT,
    )
    assert office.service.people("shell:root") == [person]
    assert len(office.readers) == 1


def test_a_picture_without_a_face_or_none_at_all_does_not_count(office: Office) -> None:
    under_way = office.begin()
    assert office.service.add(under_way, png(None)).reason is Reason.NO_FACE
    assert office.service.add(under_way, b"hello").reason is Reason.NOT_A_PICTURE
    verdict = office.service.add(under_way, png(1)[:200])
    assert (verdict.accepted, verdict.reason, verdict.good) == (False, Reason.TRUNCATED, 0)
    assert verdict.words == "the picture is cut off or damaged"


def test_the_same_picture_counts_once(office: Office) -> None:
    under_way = office.begin()
    assert office.service.add(under_way, png(1)).accepted
    assert office.service.add(under_way, png(1)).reason is Reason.REPEATED
    assert office.service.enrolment(under_way).good == 1


def test_another_face_among_the_pictures_is_told(office: Office) -> None:
    under_way = office.begin()
    assert office.service.add(under_way, png(1)).accepted
    assert office.service.add(under_way, png(2)).reason is Reason.OUTLIER


def test_who_looks_like_somebody_enrolled_is_refused_unless_it_is_said(office: Office) -> None:
    first = office.enrol("Ann", 1)
    verdict = office.service.add(office.begin("Another"), png(1, 30))
    assert (verdict.reason, verdict.person) == (Reason.LOOKALIKE, first)
    assert office.service.add(office.begin("Twin", lookalikes=True), png(1, 30)).accepted


def test_there_is_an_end_of_pictures(office: Office) -> None:
    under_way = office.begin()
    for shade in range(20, 20 + MOST_PICTURES):
        assert office.service.add(under_way, png(1, shade)).accepted
    assert office.service.add(under_way, png(1, 99)).reason is Reason.ENOUGH


def test_too_few_pictures_make_nobody(office: Office) -> None:
    under_way = office.begin()
    office.service.add(under_way, png(1))
    with pytest.raises(PeopleError, match="1 of 3 good pictures") as caught:
        office.service.finish(under_way)
    assert refusal(caught) == "too-few"
    assert office.store.people() == []


def test_what_is_cancelled_or_over_is_gone(office: Office) -> None:
    cancelled, over = office.begin("Ann"), office.begin("Ben")
    office.service.cancel(cancelled)
    office.clock.advance(LASTS.total_seconds())
    for one in (cancelled, over):
        with pytest.raises(PeopleError) as caught:
            office.service.add(one, png(1))
        assert refusal(caught) == "no-such-enrolment"


def test_a_restart_in_between_loses_nothing(office: Office, database: Database) -> None:
    under_way = office.begin()
    office.service.add(under_way, png(1))
    office.service.close()
    office.service.close()
    again = Office(database, office.clock)
    assert again.service.add(under_way, png(1)).reason is Reason.REPEATED
    for shade in (21, 22):
        again.service.add(under_way, png(1, shade))
    assert again.service.finish(under_way).faces == 3


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "A\u0000nn", "12", "#12", "#Ann", "²", "Ann\u202e"])
def test_a_name_is_a_name(office: Office, name: str) -> None:
    with pytest.raises(PeopleError) as caught:
        office.begin(name)
    assert refusal(caught) == "bad-name"


@pytest.mark.parametrize("role", ["", "a,b", "x" * 65, "\n"])
def test_a_role_is_a_word_or_a_few(office: Office, role: str) -> None:
    with pytest.raises(PeopleError) as caught:
        office.service.begin("Ann", [role], CONSENT, "shell:root")
    assert refusal(caught) == "bad-name"


@pytest.mark.parametrize("consent", [Consent("", AT, "form"), Consent("Ann", AT, " ")])
def test_nobody_is_enrolled_without_consent(office: Office, consent: Consent) -> None:
    with pytest.raises(PeopleError) as caught:
        office.service.begin("Ann", [], consent, "shell:root")
    assert refusal(caught) == "no-consent"


def test_an_expiry_lies_ahead(office: Office) -> None:
    with pytest.raises(PeopleError) as caught:
        office.service.begin("Ann", [], CONSENT, "shell:root", expires_at=office.clock.now())
    assert refusal(caught) == "expiry-past"
    ends = office.clock.now() + timedelta(days=1)
    assert office.service.begin("Ann", [], CONSENT, "shell:root", expires_at=ends).name == "Ann"


def test_people_are_found_and_forgotten_by_number_and_name(office: Office) -> None:
    ann, ben = office.enrol("Ann Peeters", 1), office.enrol("Ben", 2)
    assert office.service.person("ann  PEETERS", "shell:root").id == ann
    assert office.service.person(str(ben), "shell:root").name == "Ben"
    with pytest.raises(PeopleError) as missing:
        office.service.person("²", "shell:root")
    assert refusal(missing) == "no-such-person"
    receipt = office.service.forget("ann peeters", "telegram:7")
    assert (receipt.person, receipt.faces) == (ann, 3)
    assert office.service.forget(ben, "shell:root").person == ben
    for who in ("Ann Peeters", ben):
        with pytest.raises(PeopleError) as caught:
            office.service.forget(who, "shell:root")
        assert refusal(caught) == "no-such-person"


def test_what_was_done_is_in_the_audit_by_number(office: Office) -> None:
    ann = office.enrol("Ann Peeters", 1)
    office.service.people("telegram:7")
    office.service.forget(ann, "telegram:7")
    entries = office.audit.latest(10)
    assert {"people.enrol", "people.list"} <= {entry.action for entry in entries}
    assert {7, None} == {entry.user for entry in entries}
    assert not any("Ann" in entry.subject or "Peeters" in entry.subject for entry in entries)


def test_embeddings_that_exist_make_a_person(office: Office) -> None:
    person = office.service.import_(intent("  Ann  Z"), embeddings_of(1))
    assert (person.name, person.faces) == ("Ann Z", 3)
    with pytest.raises(PeopleError) as caught:
        office.service.import_(intent("ann z"), embeddings_of(2))
    assert refusal(caught) == "name-taken"
    assert np.array_equal(office.store.embeddings()[1], embeddings_of(1))
