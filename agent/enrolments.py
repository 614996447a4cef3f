"""What people may ask about enrolled people: the port, its values, and why it says no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import List, Optional, Sequence, Tuple, Union

from typing_extensions import Protocol

from agent.errors import BeffroiError


class Reason(str, Enum):
    """What the enrolment says of one picture: a code, so that each caller can say it in its language."""

    ACCEPTED = "accepted"
    NO_FACE = "no-face"
    SEVERAL = "several-faces"
    SMALL = "small"
    BLURRED = "blurred"
    DARK = "dark"
    BURNT = "burnt"
    TURNED = "turned"
    COVERED = "covered"
    CUT_OFF = "cut-off"
    NOT_A_PICTURE = "not-a-picture"
    FORMAT = "format"
    HEIC = "heic"
    TRUNCATED = "truncated"
    TOO_LARGE = "too-large"
    REPEATED = "repeated"
    OUTLIER = "outlier"
    LOOKALIKE = "lookalike"
    ENOUGH = "enough"


class Refusal(str, Enum):
    """Why something could not be done with people."""

    NO_KEY = "no-key"
    BAD_KEY = "bad-key"
    WRONG_KEY = "wrong-key"
    DAMAGED = "damaged"
    NO_SUCH_PERSON = "no-such-person"
    NO_SUCH_ENROLMENT = "no-such-enrolment"
    TOO_FEW = "too-few"
    NAME_TAKEN = "name-taken"
    BAD_NAME = "bad-name"
    NO_CONSENT = "no-consent"
    EXPIRY_PAST = "expiry-past"
    LOOKALIKE = "lookalike"
    BAD_FILE = "bad-file"


class PeopleError(BeffroiError):
    """Something that cannot be done with enrolled people; never names one.

    `code` is a value of Refusal, so that callers can say it in their language.
    """

    exit_code = 10

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Consent:
    """On what ground a person is enrolled: who agreed, when (aware UTC), how (`signed form 12`)."""

    given_by: str
    at: datetime
    how: str


@dataclass(frozen=True)
class Person:
    """Somebody who agreed to be recognised. Only the id may leave the device unasked; it is never reused.

    `faces` is how many embeddings are kept. Times are aware UTC; with `expires_at` None nothing expires.
    """

    id: int
    name: str
    roles: Tuple[str, ...]
    consent: Consent
    enrolled_by: str
    enrolled_at: datetime
    expires_at: Optional[datetime]
    faces: int


@dataclass(frozen=True)
class Enrolment:
    """An enrolment under way: `good` of `needed` pictures are there. It ends by itself at `expires_at`."""

    id: str
    name: str
    good: int
    needed: int
    expires_at: datetime


@dataclass(frozen=True)
class Verdict:
    """What became of one picture: the reason as a code and in English, and the progress after it.

    `person` is the id of whom the face looks like, for the reason LOOKALIKE alone.
    """

    accepted: bool
    reason: Reason
    words: str
    good: int
    needed: int
    person: Optional[int] = None


@dataclass(frozen=True)
class Receipt:
    """What an erasure removed. While `done_at` is None, copies may be left in the files of the database:
    the agent finishes by itself, at the latest when it starts next.

    `faces` counts embeddings, `pictures` enrolment pictures, `enrolments` unfinished ones under the same
    name, `links` incidents that named the person, `snapshots` picture files of those, `backups` copies of
    the database that were cleaned or deleted.
    """

    person: int
    asked_at: datetime
    done_at: Optional[datetime]
    faces: int
    pictures: int
    enrolments: int
    links: int
    snapshots: int
    backups: int


class Enrolments(Protocol):
    """People and their enrolment, for every way in; safe to use from several threads.

    Each method raises PeopleError, whose `code` says why in one word, or StoreError. `by` is who asks, as
    the audit log shall have it: `telegram:1234`; never a name that should be forgotten.
    """

    def people(self, by: str) -> List[Person]:
        """Everybody who is enrolled, by id."""

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
        """Start an enrolment; it survives a restart. With `lookalikes` the face may be like another's."""

    def enrolment(self, enrolment_id: str) -> Enrolment:
        """How it stands."""

    def add(self, enrolment_id: str, picture: bytes) -> Verdict:
        """Judge a picture file (JPEG, PNG, WebP, BMP, GIF) and keep its face where it is good.

        Takes a second or so. A picture that does not do is no error: the verdict says why.
        """

    def finish(self, enrolment_id: str) -> Person:
        """Make it a person; refused while good pictures are missing."""

    def cancel(self, enrolment_id: str) -> None:
        """Forget it; nothing of it stays."""

    def forget(self, who: Union[int, str], by: str) -> Receipt:
        """Erase a person, by id or name, with every embedding, picture and link, out of the files too."""
