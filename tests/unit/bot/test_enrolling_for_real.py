"""The bot's conversation with the service that the agent runs, on one store; faces are coloured squares."""

from __future__ import annotations

from dataclasses import replace
from typing import Iterator

import cv2
import pytest

from agent.domain.access import Role
from agent.domain.policy.recognition import RecognitionSettings
from agent.faces.enrolment import EnrolmentService
from agent.faces.reader import FaceReader
from agent.store.erasure import Erasure
from tests.fakes.enrolled import people_store
from tests.fakes.faces import FakeFaceReader, any_face, portrait, street
from tests.fakes.lobby import ANNA, Lobby, private

NAME = "Zoë van den <Berg>"


@pytest.fixture
def service(at: Lobby) -> Iterator[EnrolmentService]:
    """Put in the place of the lobby's own."""
    at.member(private(ANNA), Role.ENROLLER)
    reader: FaceReader = FakeFaceReader()  # type: ignore[assignment]
    made = EnrolmentService(
        people_store(at.database, at.clock),
        Erasure(at.database, at.clock, backups=()),
        lambda: reader,
        RecognitionSettings(),
        needed=3,
        clock=at.clock,
        gate=any_face,
    )
    at.services = replace(at.services, enrolments=made)
    at.restart()
    yield made
    made.close()


def photo(person: int, shade: int = 20) -> bytes:
    return bytes(cv2.imencode(".jpg", portrait(person, shade))[1])


def enrol(at: Lobby, name: str, person: int) -> str:
    at.follows(at.says(f"/enrol {name}"), "Yes")
    last = [at.shows(photo(person, shade)) for shade in (20, 40, 60)][-1]
    return at.follows(last, "Done")[0].text


def test_from_the_name_to_the_receipt(at: Lobby, service: EnrolmentService) -> None:
    at.says("/enrol")
    asked = at.says(NAME)
    assert "3 to 5 photos" in at.follows(asked, "Yes")[0].text
    assert "✗ No face is seen" in at.shows(bytes(cv2.imencode(".jpg", street())[1]))[0].text
    assert "✗ That is no picture" in at.shows(b"words")[0].text
    assert "✗ The picture is damaged" in at.shows(photo(1)[:300])[0].text
    assert "2 more good photos" in at.shows(photo(1))[0].text
    assert "✗ That photo is there already" in at.shows(photo(1))[0].text
    assert "✗ That seems to be somebody else" in at.shows(photo(2))[0].text
    at.restart()
    assert "1 more good photo is" in at.shows(photo(1, 40))[0].text
    enough = at.shows(photo(1, 60))
    assert "enrolled with 3 photos" in at.follows(enough, "Done")[0].text

    (person,) = service.people("shell:root")
    assert (person.name, person.faces, person.enrolled_by) == (NAME, 3, "telegram:11")
    assert "telegram:11" in person.consent.how
    assert "3 photos" in at.says("/people")[0].text

    said = at.follows(at.says(f"/forget {NAME}"), "Yes")[0].text
    assert "3 faces" in said
    assert "Nobody is enrolled" in at.says("/people")[0].text
    assert all(NAME not in entry.subject for entry in at.services.audit.latest(100))


def test_a_face_or_a_name_that_is_there_already(at: Lobby, service: EnrolmentService) -> None:
    assert "enrolled" in enrol(at, "Ann", 1)
    at.follows(at.says("/enrol Twin"), "Yes")
    assert "✗ The face is too much like that of somebody" in at.shows(photo(1, 90))[0].text
    at.says("/cancel")
    assert "under that name already" in at.follows(at.says("/enrol ANN"), "Yes")[0].text
    assert len(service.people("shell:root")) == 1


def test_what_is_cancelled_or_forgotten_by_time_leaves_nothing(at: Lobby, service: EnrolmentService) -> None:
    for end in ("cancel", "time"):
        at.follows(at.says(f"/enrol {end}"), "Yes")
        at.shows(photo(1))
        if end == "cancel":
            at.says("/cancel")
        else:
            at.clock.advance(1000)
            assert "Nothing was kept" in next(iter(at.reception.sweep())).text
    with at.database.read() as connection:
        for table in ("enrolments", "enrolment_faces", "people"):
            count = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
            assert count == 0, table
