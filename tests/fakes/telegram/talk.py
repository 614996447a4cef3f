"""A chat as a test sees it: what was written there, and waiting for what will be."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional

from tests.fakes.telegram.errors import ApiError, bad_request
from tests.fakes.telegram.records import Chat, Message, Query, User
from tests.fakes.telegram.wire import chat_json, message_json, unix, user_json
from tests.fakes.telegram.world import World

_WAIT_S = 5.0


class Talk:
    """What a Person's private chat and a Group have in common."""

    def __init__(self, world: World, chat: Chat) -> None:
        self.world = world
        self.chat = chat

    @property
    def id(self) -> int:
        """The chat_id."""
        return self.chat.id

    @property
    def messages(self) -> List[Message]:
        """All messages there now, in their present state."""
        with self.world.changed:
            return list(self.chat.messages.values())

    @property
    def heard(self) -> List[Message]:
        """Those of the bot."""
        return [message for message in self.messages if message.by_bot]

    @property
    def last(self) -> Message:
        """The bot's last message."""
        heard = self.heard
        assert heard, f"the bot said nothing in {self.chat.name}"
        return heard[-1]

    def message(self, number: int) -> Message:
        """A message in its present state."""
        with self.world.changed:
            return self.chat.messages[number]

    def wait_message(
        self,
        contains: str = "",
        *,
        after: int = 0,
        where: Callable[[Message], bool] = lambda message: True,
        timeout_s: float = _WAIT_S,
    ) -> Message:
        """The bot's first message with an id above `after` whose present text contains `contains`."""

        def found() -> List[Message]:
            return [m for m in self.heard if m.id > after and contains in m.text and where(m)]

        with self.world.changed:
            got = self.world.changed.wait_for(found, timeout_s)
        assert got, f"{contains!r} not heard in {timeout_s} s; heard: {[m.text for m in self.heard]}"
        return got[0]

    def is_deleted(self) -> None:
        """The chat is gone: writing there is answered with "chat not found"."""
        self.refuse(bad_request("chat not found"), "the chat is deleted")

    def post(self, sender: Optional[User], kind: str = "message", **fields: Any) -> Message:
        """A new message, told to the bot where it may read it. `kind` is the update's."""
        with self.world.changed:
            message = self.world.post(self.chat, sender, **fields)
            if self._readable(message):
                self.world.push({kind: message_json(self.world, message)})
            return message

    def refuse(self, error: Optional[ApiError], told: str) -> None:
        """What the bot hears from now on when it writes here (None: nothing bad)."""
        with self.world.changed:
            self.chat.refusal = error
            self.world.note(self.chat, "told", what=told)

    def bot_becomes(self, old: str, new: str, by: User) -> None:
        """Tell the bot that its membership changed. The statuses: member, kicked, left."""
        with self.world.changed:
            change = {
                "chat": chat_json(self.chat),
                "from": user_json(by),
                "date": unix(self.world.now()),
                "old_chat_member": _member(old, self.world.bot),
                "new_chat_member": _member(new, self.world.bot),
            }
            self.world.push({"my_chat_member": change})

    def _readable(self, message: Message) -> bool:
        """In groups a bot in privacy mode reads commands, what answers or names it, and service messages."""
        if self.chat.type not in ("group", "supergroup") or not (message.text or message.file):
            return True
        answered = self.chat.messages.get(message.reply_to or 0)
        if answered and answered.by_bot:
            return True
        name = f"@{self.world.bot.username}"
        command = message.text.split()[0] if message.text.startswith("/") else ""
        return name in message.text or (bool(command) and "@" not in command)


class Press:
    """A button that was pressed."""

    def __init__(self, world: World, query: Query) -> None:
        self._world = world
        self.query = query

    def wait_answer(self, timeout_s: float = _WAIT_S) -> str:
        """What the bot told who pressed ("" for nothing), once it did."""
        with self._world.changed:
            answered = self._world.changed.wait_for(lambda: self.query.answered, timeout_s)
        assert answered, f"the press of {self.query.data!r} was not answered in {timeout_s} s"
        return self.query.answer


def _member(status: str, user: User) -> Dict[str, Any]:
    member = {"status": status, "user": user_json(user)}
    return {**member, "until_date": 0} if status == "kicked" else member
