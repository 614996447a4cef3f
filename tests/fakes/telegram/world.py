"""What Telegram knows: the bot, people, chats, messages, files and the updates that wait for the bot."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from time import monotonic
from typing import Any, Callable, Dict, List, Optional, Tuple

from tests.fakes.telegram.errors import ApiError, bad_request, forbidden
from tests.fakes.telegram.markup import Entities
from tests.fakes.telegram.media import Files, StoredFile


@dataclass(frozen=True)
class User:
    """A person or a bot."""

    id: int
    first_name: str
    is_bot: bool = False
    last_name: Optional[str] = None
    username: Optional[str] = None
    language_code: Optional[str] = None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}" if self.last_name else self.first_name


@dataclass(frozen=True)
class Message:
    """A message as it is at one moment; `extra` holds further fields as they go over the wire."""

    id: int
    chat_id: int
    date: datetime
    sender: Optional[User]
    text: str = ""
    entities: Entities = field(default_factory=list)
    file: Optional[StoredFile] = None
    keyboard: Optional[Dict[str, Any]] = None
    reply_to: Optional[int] = None
    silent: bool = False
    protected: bool = False
    thread_id: Optional[int] = None
    album: Optional[str] = None
    edited_at: Optional[datetime] = None
    extra: Dict[str, Any] = field(default_factory=dict)

    @property
    def by_bot(self) -> bool:
        return self.sender is not None and self.sender.is_bot

    @property
    def photo(self) -> Optional[bytes]:
        """The picture as it was uploaded."""
        return self.file.data if self.file and self.file.kind == "photo" else None

    @property
    def rows(self) -> List[List[Dict[str, Any]]]:
        """The buttons below it, row by row, as InlineKeyboardButton objects."""
        rows: List[List[Dict[str, Any]]] = (self.keyboard or {}).get("inline_keyboard", [])
        return rows

    @property
    def buttons(self) -> List[str]:
        """What the buttons say."""
        return [button["text"] for row in self.rows for button in row]


@dataclass(frozen=True)
class Happening:
    """One line of a chat's history. `kind`: posted, edited, deleted, pressed, answered or told."""

    kind: str
    at: datetime
    message: Optional[Message] = None
    who: str = ""
    what: str = ""


@dataclass
class Chat:
    """`refusal` is what the bot hears when it writes there."""

    id: int
    type: str
    name: str
    users: List[User] = field(default_factory=list)
    username: Optional[str] = None
    refusal: Optional[ApiError] = None
    messages: Dict[int, Message] = field(default_factory=dict)
    history: List[Happening] = field(default_factory=list)
    last_id: int = 0


@dataclass
class Query:
    """A pressed button; `answer` and `alert` are what the bot told the person who pressed."""

    id: str
    chat_id: int
    message_id: int
    user: User
    data: str
    answered: bool = False
    answer: str = ""
    alert: bool = False


@dataclass(eq=False)
class Call:
    """One request: `at` in seconds of the server's monotonic clock, `status` None while unanswered.

    `params` are the parameters with their types (as they came, where they were refused).
    """

    number: int
    method: str
    at: float
    params: Dict[str, Any]
    chat: Optional[int] = None
    status: Optional[int] = None
    error: Optional[str] = None
    result: Any = None
    executed: bool = False


class World:
    """Everything is read and changed with `changed` (a re-entrant condition) held."""

    def __init__(
        self,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        monotonic: Callable[[], float] = monotonic,
    ) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.now = now
        self.monotonic = monotonic
        self.bot = User(7_000_000_001, "Beffroi", is_bot=True, username="beffroi_test_bot")
        self.chats: Dict[int, Chat] = {}
        self.files = Files()
        self.calls: List[Call] = []
        self.violations: List[str] = []
        self.queries: Dict[str, Query] = {}
        self.commands: Dict[Tuple[str, str], List[Dict[str, str]]] = {}
        self.updates: List[Dict[str, Any]] = []
        self.allowed_updates: List[str] = []
        self.on_update: Callable[[], None] = lambda: None
        self._update_ids = itertools.count(100_001)
        self.ids = itertools.count(1)

    def chat(self, id: object) -> Chat:
        """The chat that a chat_id names, to write to. Raises: ApiError where the bot cannot."""
        by_name = (chat for chat in self.chats.values() if chat.username and f"@{chat.username}" == id)
        chat = self.chats.get(id) if isinstance(id, int) else next(by_name, None)
        if chat is None:
            raise bad_request("chat not found")
        if chat.refusal is not None:
            raise chat.refusal
        return chat

    def post(self, chat: Chat, sender: Optional[User], **fields: Any) -> Message:
        """A new message in `chat`; `fields` are those of Message."""
        chat.last_id += 1
        message = Message(id=chat.last_id, chat_id=chat.id, date=self.now(), sender=sender, **fields)
        chat.messages[message.id] = message
        self.note(chat, "posted", message)
        return message

    def edit(self, chat: Chat, id: int, **fields: Any) -> Message:
        """Change the message `id` of `chat`."""
        message = replace(chat.messages[id], **fields)
        chat.messages[id] = message
        self.note(chat, "edited", message)
        return message

    def note(
        self, chat: Chat, kind: str, message: Optional[Message] = None, who: str = "", what: str = ""
    ) -> None:
        """Write it into the history of `chat` and wake whoever waits."""
        chat.history.append(Happening(kind, self.now(), message, who, what))
        self.changed.notify_all()

    def leave(self, chat: Chat) -> None:
        """The bot goes; what it writes afterwards is refused."""
        chat.refusal = forbidden(f"bot is not a member of the {chat.type} chat")
        self.note(chat, "told", what=f"{self.bot.name} left")

    def push(self, update: Dict[str, Any]) -> int:
        """Queue an update for the bot; its update_id."""
        kinds = self.allowed_updates
        id = next(self._update_ids)
        kind = next((key for key in update if key != "update_id"), "")
        if (kinds and kind in kinds) or (not kinds and kind != "chat_member"):
            self.updates.append({"update_id": id, **update})
            self.on_update()
        return id
