"""What Telegram knows: the bot, people, chats, files and the updates that wait for the bot."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from datetime import datetime, timezone
from time import monotonic
from typing import Any, Callable, Dict, List, Optional, Tuple

from tests.fakes.telegram.errors import bad_request, forbidden
from tests.fakes.telegram.media import Files
from tests.fakes.telegram.records import Call, Chat, Happening, Message, Query, User

_ON_DEMAND = ("chat_member", "message_reaction", "message_reaction_count")


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
        self.on_update: Callable[[], object] = lambda: None
        self._update_ids = itertools.count(100_001)
        self.ids = itertools.count(1)

    def chat(self, chat_id: object) -> Chat:
        """The chat that a chat_id names, to write to. Raises: ApiError where the bot cannot."""
        by_name = (chat for chat in self.chats.values() if chat.username and f"@{chat.username}" == chat_id)
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else next(by_name, None)
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

    def edit(self, chat: Chat, number: int, **fields: Any) -> Message:
        """Change the message `number` of `chat`."""
        message = replace(chat.messages[number], **fields)
        chat.messages[number] = message
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

    def new_album(self) -> str:
        """A media_group_id."""
        return str(13_000_000_000 + next(self.ids))

    def push(self, update: Dict[str, Any]) -> None:
        """Queue an update for the bot, if it is of a kind that it asked for."""
        kind = next(iter(update))
        if kind in self.allowed_updates or (not self.allowed_updates and kind not in _ON_DEMAND):
            self.queue(update)

    def queue(self, update: Dict[str, Any]) -> int:
        """Queue an update whatever it is; its update_id."""
        number = next(self._update_ids)
        self.updates.append({"update_id": number, **update})
        self.on_update()
        return number
