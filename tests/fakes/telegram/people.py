"""People, as tests play them: they write, send pictures, press buttons, block the bot."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Callable, Dict, List, Optional, Sequence

from tests.fakes.telegram.errors import bad_request, forbidden, migrated
from tests.fakes.telegram.markup import detected
from tests.fakes.telegram.media import StoredFile, Upload
from tests.fakes.telegram.wire import callback_json, chat_json, message_json, unix, user_json
from tests.fakes.telegram.world import Chat, Message, Query, User, World

_WAIT_S = 5.0


class Talk:
    """A chat as a test sees it: what was written there, and waiting for what will be."""

    def __init__(self, world: World, chat: Chat) -> None:
        self.world = world
        self._chat = chat

    @property
    def id(self) -> int:
        """The chat_id."""
        return self._chat.id

    @property
    def messages(self) -> List[Message]:
        """All messages there now, in their final state."""
        with self.world.changed:
            return list(self._chat.messages.values())

    @property
    def heard(self) -> List[Message]:
        """Those of the bot."""
        return [message for message in self.messages if message.by_bot]

    @property
    def last(self) -> Message:
        """The bot's last message."""
        heard = self.heard
        assert heard, f"the bot said nothing in {self._chat.name}"
        return heard[-1]

    def message(self, id: int) -> Message:
        """A message in its present state."""
        with self.world.changed:
            return self._chat.messages[id]

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

    def _post(self, sender: Optional[User], key: str = "message", **fields: Any) -> Message:
        with self.world.changed:
            message = self.world.post(self._chat, sender, **fields)
            self.world.push({key: message_json(self.world, message)})
            return message

    def _refuse(self, error: Any, told: str) -> None:
        with self.world.changed:
            self._chat.refusal = error
            self.world.note(self._chat, "told", what=told)

    def is_deleted(self) -> None:
        """The chat is gone: writing there is answered with chat not found."""
        self._refuse(bad_request("chat not found"), "the chat is deleted")


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


class Person(Talk):
    """Somebody, and the private chat with the bot, whose id is the person's. `to` is a group."""

    def __init__(self, world: World, user: User) -> None:
        self.user = user
        chat = Chat(user.id, "private", user.name, [user], user.username)
        world.chats[chat.id] = chat
        super().__init__(world, chat)

    def says(
        self,
        text: str,
        *,
        to: Optional[Talk] = None,
        reply_to: Optional[int] = None,
        forwarded_from: Optional[User] = None,
    ) -> Message:
        """Writes a message, which may answer another or be forwarded from somebody."""
        extra: Dict[str, Any] = {}
        if forwarded_from:
            extra["forward_origin"] = {
                "type": "user",
                "date": unix(self.world.now()),
                "sender_user": user_json(forwarded_from),
            }
        return (to or self)._post(
            self.user, text=text, entities=detected(text), reply_to=reply_to, extra=extra
        )

    def asks(self, text: str, *, to: Optional[Talk] = None) -> Message:
        """Writes and waits for the bot's next message."""
        return (to or self).wait_message(after=self.says(text, to=to).id)

    def sends_photo(
        self, data: bytes, caption: str = "", *, to: Optional[Talk] = None, album: Optional[str] = None
    ) -> Message:
        """Sends a picture."""
        with self.world.changed:
            file = self.world.files.add_photo(data)
        return self._sends(file, caption, to, album)

    def sends_album(self, pictures: Sequence[bytes], caption: str = "", *, to: Optional[Talk] = None) -> None:
        """Sends pictures together; the caption is the first one's."""
        album = str(13_000_000_000 + next(self.world.ids))
        for number, data in enumerate(pictures):
            self.sends_photo(data, "" if number else caption, to=to, album=album)

    def sends_file(
        self, name: str, data: bytes, *, mime: str = "image/jpeg", to: Optional[Talk] = None
    ) -> Message:
        """Sends a document."""
        with self.world.changed:
            file = self.world.files.add("document", Upload(name, data, mime))
        return self._sends(file, "", to, None)

    def edits(self, message: Message, text: str) -> Message:
        """Changes an own message's text."""
        with self.world.changed:
            chat = self.world.chats[message.chat_id]
            edited = self.world.edit(
                chat, message.id, text=text, entities=detected(text), edited_at=self.world.now()
            )
            self.world.push({"edited_message": message_json(self.world, edited)})
            return edited

    def presses(self, label: str, *, on: Optional[Message] = None, to: Optional[Talk] = None) -> Press:
        """Presses the button that says `label` (or part of it), on the newest message that has it."""
        with self.world.changed:
            talk = to or self
            candidates = [talk.message(on.id)] if on else list(reversed(talk.heard))
            for message in candidates:
                for row in message.rows:
                    for button in row:
                        if label in button["text"] and "callback_data" in button:
                            return self._press(talk, message, button)
            raise AssertionError(f"no button {label!r}; there are {[m.buttons for m in candidates]}")

    def presses_data(self, data: str, message: Message) -> Press:
        """Sends any callback data, as an old or a tampered client does."""
        with self.world.changed:
            return self._press_data(self.world.chats[message.chat_id], message, data)

    def blocks_the_bot(self) -> None:
        """Writing to the person is answered with 403."""
        self._membership("member", "kicked")
        self._refuse(forbidden("bot was blocked by the user"), f"{self.user.name} blocks the bot")

    def unblocks_the_bot(self) -> None:
        self._membership("kicked", "member")
        self._refuse(None, f"{self.user.name} unblocks the bot")

    def deletes_the_account(self) -> None:
        self._refuse(forbidden("user is deactivated"), f"{self.user.name} is gone")

    def _sends(self, file: StoredFile, caption: str, to: Optional[Talk], album: Optional[str]) -> Message:
        return (to or self)._post(self.user, file=file, text=caption, entities=detected(caption), album=album)

    def _press(self, talk: Talk, message: Message, button: Dict[str, Any]) -> Press:
        self.world.note(self.world.chats[talk.id], "pressed", message, self.user.name, button["text"])
        return self._press_data(self.world.chats[talk.id], message, button["callback_data"])

    def _press_data(self, chat: Chat, message: Message, data: str) -> Press:
        query = Query(str(9_000_000_000 + next(self.world.ids)), chat.id, message.id, self.user, data)
        self.world.queries[query.id] = query
        json = message_json(self.world, message)
        self.world.push({"callback_query": callback_json(query.id, self.user, json, data)})
        return Press(self.world, query)

    def _membership(self, old: str, new: str) -> None:
        with self.world.changed:
            bot = user_json(self.world.bot)
            self.world.push(
                {
                    "my_chat_member": {
                        "chat": chat_json(self._chat),
                        "from": user_json(self.user),
                        "date": unix(self.world.now()),
                        "old_chat_member": _member(old, bot),
                        "new_chat_member": _member(new, bot),
                    }
                }
            )


def _member(status: str, user: Dict[str, Any]) -> Dict[str, Any]:
    member = {"status": status, "user": user}
    return {**member, "until_date": 0} if status == "kicked" else member


class Group(Talk):
    """A group, supergroup or channel that the bot is in."""

    @classmethod
    def create(cls, world: World, name: str, members: Sequence[Person], kind: str) -> Group:
        number = next(world.ids)
        id = -(4_000_000 + number) if kind == "group" else -(1_000_000_000_000 + 5_000_000 + number)
        username = re.sub(r"\W", "", name).lower() if kind == "channel" else None
        chat = Chat(id, kind, name, [member.user for member in members], username)
        world.chats[chat.id] = chat
        return cls(world, chat)

    def posts(self, text: str) -> Message:
        """A channel's own post."""
        return self._post(None, "channel_post", text=text, entities=detected(text))

    def kicks_the_bot(self) -> None:
        """Writing there is answered with 403."""
        self._refuse(
            forbidden(f"bot was kicked from the {self._chat.type} chat"), f"{self.world.bot.name} is kicked"
        )

    def migrates(self) -> Group:
        """Becomes a supergroup with another id, which is returned; the old id is refused with the new one."""
        with self.world.changed:
            users = [Person.__new__(Person) for _ in ()]
            new = Group.create(self.world, self._chat.name, users, "supergroup")
            new._chat.users = list(self._chat.users)
            sender = self._chat.users[0] if self._chat.users else None
            self._post(sender, extra={"migrate_to_chat_id": new.id})
            new._post(sender, extra={"migrate_from_chat_id": self.id})
            self._refuse(migrated(new.id), "the group becomes a supergroup")
            return new
