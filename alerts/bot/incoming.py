"""What comes in from people, stripped of everything that must not count."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional, Union

from alerts.bot.call import Person, Place


@dataclass(frozen=True)
class Said:
    """A text message."""

    place: Place
    person: Person
    text: str
    message: int
    thread: Optional[int] = None


@dataclass(frozen=True)
class Shown:
    """A picture; `file` is what to fetch it by, `size` its bytes where that is known."""

    place: Place
    person: Person
    file: str
    message: int
    size: Optional[int] = None
    thread: Optional[int] = None


@dataclass(frozen=True)
class Pressed:
    """A button; `editable` is false where its message is a picture or too old to be changed."""

    place: Place
    person: Person
    data: str
    query: str
    message: int
    editable: bool
    thread: Optional[int] = None


@dataclass(frozen=True)
class Orphaned:
    """A press that can only be answered with nothing."""

    query: str


@dataclass(frozen=True)
class Moved:
    """A group became a supergroup."""

    old: int
    new: int


@dataclass(frozen=True)
class Membership:
    """The bot was let into a chat, or shut out of it: blocked, kicked."""

    place: Place
    person: Person
    reachable: bool


@dataclass(frozen=True)
class Photo:
    """A picture that was fetched; None where that failed."""

    shown: Shown
    data: Optional[bytes] = field(repr=False)


Incoming = Union[Said, Shown, Pressed, Orphaned, Moved, Membership]
