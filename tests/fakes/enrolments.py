"""People and their enrolment, kept in memory."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Dict, List, Optional, Sequence, Tuple, Union

from agent.enrolments import Consent, Enrolment, PeopleError, Person, Reason, Receipt, Refusal, Verdict
from agent.ports import Clock


class FakeEnrolments:
    """Implements agent.enrolments.Enrolments.

    `verdicts` are what the next pictures get (accepted, where there is none left); look at `calls` for what
    was asked, at `pictures` for what was shown. What is taken out of `open` is over for everyone.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.needed = 3
        self.enrolled: Dict[int, Person] = {}
        self.open: Dict[str, Enrolment] = {}
        self.verdicts: List[Reason] = []
        self.pictures: List[bytes] = []
        self.calls: List[Tuple[object, ...]] = []
        self._consents: Dict[str, Tuple[Consent, str]] = {}
        self._number = 0

    def people(self, by: str) -> List[Person]:
        self.calls.append(("people", by))
        return [self.enrolled[number] for number in sorted(self.enrolled)]

    def begin(
        self,
        name: str,
        roles: Sequence[str],
        consent: Consent,
        by: str,
        *,
        expires_at: Optional[datetime] = None,
        lookalikes: bool = False,
    ) -> Enrolment:
        self.calls.append(("begin", name, consent, by))
        if any(person.name == name for person in self.enrolled.values()):
            raise PeopleError("the name is taken", Refusal.NAME_TAKEN.value)
        self._number += 1
        session = f"session-{self._number}"
        ends = self._clock.now() + timedelta(hours=1)
        self.open[session] = Enrolment(session, name, 0, self.needed, ends)
        self._consents[session] = (consent, by)
        return self.open[session]

    def enrolment(self, enrolment_id: str) -> Enrolment:
        if enrolment_id not in self.open:
            raise PeopleError("there is no such enrolment", Refusal.NO_SUCH_ENROLMENT.value)
        return self.open[enrolment_id]

    def add(self, enrolment_id: str, picture: bytes) -> Verdict:
        self.calls.append(("add", enrolment_id))
        self.pictures.append(picture)
        now = self.enrolment(enrolment_id)
        reason = self.verdicts.pop(0) if self.verdicts else Reason.ACCEPTED
        good = now.good + (reason is Reason.ACCEPTED)
        self.open[enrolment_id] = Enrolment(now.id, now.name, good, now.needed, now.expires_at)
        return Verdict(reason is Reason.ACCEPTED, reason, reason.value, good, now.needed)

    def finish(self, enrolment_id: str) -> Person:
        self.calls.append(("finish", enrolment_id))
        now = self.enrolment(enrolment_id)
        if now.good < now.needed:
            raise PeopleError("too few pictures", Refusal.TOO_FEW.value)
        del self.open[enrolment_id]
        consent, by = self._consents.pop(enrolment_id)
        number = max(self.enrolled, default=0) + 1
        person = Person(number, now.name, (), consent, by, self._clock.now(), None, now.good)
        self.enrolled[number] = person
        return person

    def cancel(self, enrolment_id: str) -> None:
        self.calls.append(("cancel", enrolment_id))
        self.enrolment(enrolment_id)
        del self.open[enrolment_id]

    def forget(self, who: Union[int, str], by: str) -> Receipt:
        self.calls.append(("forget", who, by))
        for number, person in list(self.enrolled.items()):
            if who in (number, person.name):
                del self.enrolled[number]
                now = self._clock.now()
                return Receipt(number, now, now, person.faces, person.faces, 0, 2, 2, 0)
        raise PeopleError("nobody has that name", Refusal.NO_SUCH_PERSON.value)
