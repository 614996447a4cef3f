"""Enrolment: pictures in, a person out; the one service behind the bot and the command line."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Callable, List, Optional, Sequence, Tuple, Union

import numpy as np

from agent.domain.policy.recognition import RecognitionSettings, decide
from agent.enrolments import Consent, Enrolment, PeopleError, Person, Reason, Receipt, Refusal, Verdict
from agent.faces.enrol_words import WORDS
from agent.faces.enrolled import StoredPeople
from agent.faces.gate import Judged, judge
from agent.faces.pictures import PictureError, decode
from agent.faces.reader import FaceReader
from agent.ports import Clock, Embeddings, Picture
from agent.store.erasure import Erasure
from agent.store.faces import Pending, PeopleStore, no_such_person, same_name
from agent.store.faces_records import Intent, KeptFace

Gate = Callable[[FaceReader, Picture], Judged]
"""What decides whether a picture does."""

LASTS = timedelta(hours=1)
"""An enrolment that nobody finishes ends by itself."""

MOST_PICTURES = 20
_LONGEST = 64
_SOMEBODY_ELSE, _SURELY = 0.6, 0.55
"""Farther than this from the one picture before it, or from the mean of more, a face is another's. Of 58
people of LFW, 1.6 % and 0.7 % of their own pictures are, and all but 1.1 % and 0.6 % of other people's."""


class EnrolmentService:
    """Implements agent.enrolments.Enrolments; thread-safe, one picture at a time.

    The networks are loaded when the first picture comes and kept; `close` frees them. They are to be run by
    ONNX Runtime, which any thread may use.
    """

    def __init__(
        self,
        store: PeopleStore,
        erasure: Erasure,
        make_reader: Callable[[], FaceReader],
        recognition: RecognitionSettings,
        needed: int,
        clock: Clock,
        gate: Gate = judge,
    ) -> None:
        self._gate = gate
        self._store = store
        self._erasure = erasure
        self._make_reader = make_reader
        self._recognition = recognition
        self._needed = needed
        self._clock = clock
        self._enrolled = StoredPeople(store, clock)
        self._reader: Optional[FaceReader] = None
        self._lock = threading.Lock()

    def people(self, by: str) -> List[Person]:
        self._store.note("people.list", None, by)
        return self._store.people()

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
        intent = Intent(_name(name), _roles(roles), _consent(consent), by, expires_at, lookalikes)
        if expires_at is not None and expires_at <= self._clock.now():
            raise PeopleError("the enrolment would be over before it begins", Refusal.EXPIRY_PAST.value)
        return self._told(self._store.begin(secrets.token_hex(8), intent, LASTS))

    def enrolment(self, enrolment_id: str) -> Enrolment:
        return self._told(self._store.enrolment(enrolment_id))

    def add(self, enrolment_id: str, picture: bytes) -> Verdict:
        with self._lock:
            pending = self._store.enrolment(enrolment_id)
            kept = self._store.faces_of(enrolment_id)
            digest = hashlib.sha256(picture).hexdigest()
            if len(kept) >= MOST_PICTURES:
                return self._verdict(Reason.ENOUGH, pending)
            if digest in (face.digest for face in kept):
                return self._verdict(Reason.REPEATED, pending)
            judged = self.judge(picture)
            if judged.read is None:
                return self._verdict(judged.reason, pending)
            embedding = judged.read.embedding
            like = None if pending.intent.lookalikes else self._like(embedding)
            if like is not None:
                return self._verdict(Reason.LOOKALIKE, pending, like)
            if kept and _apart(embedding, kept) > (_SURELY if len(kept) > 1 else _SOMEBODY_ELSE):
                return self._verdict(Reason.OUTLIER, pending)
            return self._verdict(
                Reason.ACCEPTED, self._store.add_face(enrolment_id, KeptFace(embedding, digest))
            )

    def finish(self, enrolment_id: str) -> Person:
        pending = self._store.enrolment(enrolment_id)
        if pending.faces < self._needed:
            raise PeopleError(
                f"{pending.faces} of {self._needed} good pictures are there: add more first",
                Refusal.TOO_FEW.value,
            )
        return self._store.finish(enrolment_id)

    def cancel(self, enrolment_id: str) -> None:
        self._store.cancel(enrolment_id)

    def forget(self, who: Union[int, str], by: str) -> Receipt:
        person = who if isinstance(who, int) else self._number(who)
        return self._erasure.forget(person, by, self._store)

    def person(self, who: Union[int, str], by: str) -> Person:
        """One person, by number (also as text) or name. Raises PeopleError (NO_SUCH_PERSON)."""
        number = int(who) if isinstance(who, int) or who.isdecimal() else self._number(who)
        self._store.note("people.show", number, by)
        return self._store.person(number)

    def import_(self, intent: Intent, embeddings: Embeddings) -> Person:
        """Enrol somebody whose embeddings exist (N x 128). Raises PeopleError as `begin` does."""
        checked = replace(
            intent, name=_name(intent.name), roles=_roles(intent.roles), consent=_consent(intent.consent)
        )
        return self._store.add(checked, embeddings)

    def judge(self, picture: bytes) -> Judged:
        """What the quality gate says of a picture file. Raises InferenceError, BundleError."""
        if self._reader is None:
            self._reader = self._make_reader()
        try:
            return self._gate(self._reader, decode(picture))
        except PictureError as error:
            return Judged(error.reason, None)

    def close(self) -> None:
        """Free the networks; may be called twice."""
        with self._lock:
            if self._reader is not None:
                self._reader.close()
            self._reader = None

    def _like(self, embedding: Embeddings) -> Optional[int]:
        (nearest,) = self._enrolled.roster().gallery.nearest(embedding[np.newaxis])
        return decide(nearest, self._recognition)

    def _number(self, name: str) -> int:
        found = next((one.id for one in self._store.people() if same_name(one.name, name)), None)
        if found is None:
            raise no_such_person(name)
        return found

    def _told(self, pending: Pending) -> Enrolment:
        return Enrolment(pending.id, pending.intent.name, pending.faces, self._needed, pending.ends_at)

    def _verdict(self, reason: Reason, pending: Pending, person: Optional[int] = None) -> Verdict:
        accepted = reason is Reason.ACCEPTED
        return Verdict(accepted, reason, WORDS[reason], pending.faces, self._needed, person)


def _apart(embedding: Embeddings, kept: Sequence[KeptFace]) -> float:
    mean = np.mean([face.embedding for face in kept], axis=0)
    return float(np.linalg.norm(embedding - mean))


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= _LONGEST or not name.isprintable() or not _is_spoken(name):
        raise PeopleError(
            f"that is no name: 1 to {_LONGEST} characters on one line, with a letter, and no # first",
            Refusal.BAD_NAME.value,
        )
    return name


def _is_spoken(name: str) -> bool:
    """Whether it can be told from a person's number, which is written 12 or #12."""
    return any(one.isalpha() for one in name) and not name.startswith("#")


def _roles(roles: Sequence[str]) -> Tuple[str, ...]:
    given = tuple(dict.fromkeys(" ".join(role.split()) for role in roles))
    if not all(1 <= len(role) <= _LONGEST and role.isprintable() and "," not in role for role in given):
        raise PeopleError(
            f"a role is a word or a few, {_LONGEST} characters at most, without a comma",
            Refusal.BAD_NAME.value,
        )
    return given


def _consent(consent: Consent) -> Consent:
    if not consent.given_by.strip() or not consent.how.strip():
        raise PeopleError(
            "nobody is enrolled without consent: say who gave it, and how", Refusal.NO_CONSENT.value
        )
    return consent
