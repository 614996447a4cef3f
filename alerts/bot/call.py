"""What a command is given, and what it gives back; nothing in it knows Telegram."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Callable, FrozenSet, Iterable, Mapping, Optional, Sequence, Tuple

from agent.controls import Controls
from agent.domain.access import ChatKind, Member, Right
from agent.enrolments import Enrolments
from agent.ports import Clock
from agent.store.audit import Audit
from agent.store.bot_name import BotName
from agent.store.dialogues import Dialogues
from agent.store.history import History
from agent.store.invitations import Invitations
from agent.store.members import Members
from agent.store.strangers import Strangers
from alerts.bot.markup import toast
from alerts.languages import Texts
from alerts.telegram import wording
from alerts.telegram.pictures import Pictures

DONE, ASKED, DECLINED, REFUSED, FAILED = "done", "asked", "declined", "refused", "failed"
"""How a command ended, as the audit keeps it: `asked` for what was missing, `declined` with a reason."""


@dataclass(frozen=True)
class Person:
    """Who writes or presses; `language_code` is that of the person's own application."""

    id: int
    name: str
    language_code: Optional[str] = None


@dataclass(frozen=True)
class Place:
    """The chat in which it happens."""

    id: int
    kind: ChatKind
    title: str


@dataclass(frozen=True)
class Button:
    """A label in plain text, and what a press sends back: at most 64 bytes."""

    label: str
    data: str


Rows = Tuple[Tuple[Button, ...], ...]


@dataclass(frozen=True)
class Reply:
    """One thing to show. `text` is HTML, or the caption of the first of `pictures` (JPEG or PNG).

    With `edit` it takes the place of the message whose button was pressed, or else of the last one that
    this call sent. `toast` is plain text, shown for a moment to who pressed. `menus` are chats whose menu
    of commands has changed; `chat` is another chat to say it in.
    """

    text: str = ""
    pictures: Tuple[bytes, ...] = field(default=(), repr=False)
    buttons: Rows = ()
    edit: bool = False
    toast: str = ""
    menus: Tuple[int, ...] = ()
    outcome: str = DONE
    chat: Optional[int] = None


class DeclinedError(Exception):
    """It cannot be done as it was asked; `text` (HTML) says why and what to do instead."""

    def __init__(self, text: str, buttons: Rows = ()) -> None:
        super().__init__(text)
        self.text = text
        self.buttons = buttons


@dataclass(frozen=True)
class Services:
    """What commands work with.

    `places` says where each camera looks, `language` what chats speak that have not chosen.
    """

    controls: Controls
    clock: Clock
    history: History
    members: Members
    invitations: Invitations
    strangers: Strangers
    audit: Audit
    dialogues: Dialogues
    bot_name: BotName
    pictures: Pictures
    places: Mapping[str, wording.Place]
    language: str
    invitation_s: float
    enrolments: Optional[Enrolments] = None


@dataclass(frozen=True)
class Call:
    """A command as it was asked: `arguments` are its words, `username` is the bot's own.

    `offered` are the commands that may be run here. `pressed` is true where a button asked it, `alert` where
    that button stands under an alert.
    """

    place: Place
    person: Person
    member: Optional[Member]
    rights: FrozenSet[Right]
    arguments: Tuple[str, ...]
    t: Texts
    services: Services
    username: str = ""
    offered: Tuple[Command, ...] = ()
    pressed: bool = False
    alert: bool = False

    @property
    def actor(self) -> str:
        """Who asks, as it is kept on incidents and published."""
        return f"telegram:{self.person.id}"

    @property
    def first(self) -> str:
        """The first word; empty where none was given, as in a button that somebody forged."""
        return self.arguments[0] if self.arguments else ""

    @property
    def controls(self) -> Controls:
        return self.services.controls

    def now(self) -> datetime:
        return self.services.clock.now()

    def ends(self, lasts_s: float) -> datetime:
        """When something that begins now and lasts so long ends."""
        return self.now() + timedelta(seconds=lasts_s)

    def picture(self, text: str, *pictures: bytes, buttons: Rows = ()) -> Reply:
        """Pictures with a caption."""
        return Reply(text, pictures=pictures, buttons=buttons)

    def say(self, text: str, buttons: Rows = ()) -> Reply:
        """An answer in text; where a button asked, in place of the message that it stood under."""
        return Reply(text, buttons=buttons, edit=self.pressed)

    def ask(self, text: str, buttons: Rows = ()) -> Reply:
        """A question for what is missing."""
        return replace(self.say(text, buttons), outcome=ASKED)

    def done(self, text: str, buttons: Rows = ()) -> Reply:
        """It is done; under an alert that is said to who pressed alone, for the alert itself will tell."""
        return Reply(toast=toast(text)) if self.alert else self.say(text, buttons)


@dataclass(frozen=True)
class Command:
    """One thing that people may ask for.

    `right` is what it takes, None where everyone who was let in may; `summary` is a line for menus and help,
    marked for translation. `private` ones are refused in groups, `slow` ones hold up nothing else, what is
    not `typed` is reached by buttons alone, and the audit does not keep what follows a `discreet` one.
    """

    name: str
    right: Optional[Right]
    summary: str
    run: Callable[[Call], Iterable[Reply]]
    private: bool = False
    slow: bool = False
    typed: bool = True
    discreet: bool = False


def rows(buttons: Sequence[Button], width: int = 2) -> Rows:
    """Buttons, `width` of them side by side."""
    return tuple(tuple(buttons[start : start + width]) for start in range(0, len(buttons), width))
