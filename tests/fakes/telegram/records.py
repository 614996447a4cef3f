"""What Telegram keeps: users, messages, chats and their history, presses, and the calls of the bot."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Dict, List, Optional

from tests.fakes.telegram.errors import ApiError
from tests.fakes.telegram.markup import Entities
from tests.fakes.telegram.media import StoredFile


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
    at: float
    answered: bool = False
    answer: str = ""
    alert: bool = False


@dataclass(eq=False)
class Call:
    """One request. `at` is in seconds of the server's monotonic clock.

    `params` are the parameters with their types, or as they came where they were refused. `status` is
    the answer's HTTP status, None where there was none; `done` says that there will be none any more.
    `ok` says that the call was carried out, whether or not the client could know.
    """

    number: int
    method: str
    at: float
    params: Dict[str, Any]
    chat: Optional[int] = None
    status: Optional[int] = None
    error: Optional[str] = None
    result: Any = None
    ok: bool = False
    done: bool = False
