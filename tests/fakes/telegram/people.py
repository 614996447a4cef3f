"""People, as tests play them: they write, send pictures, press buttons, block the bot."""

from __future__ import annotations

from typing import Any, Dict, Optional, Sequence

from tests.fakes.telegram.errors import bot_blocked, forbidden
from tests.fakes.telegram.markup import detected
from tests.fakes.telegram.media import StoredFile, Upload
from tests.fakes.telegram.records import Chat, Message, Query, User
from tests.fakes.telegram.talk import Press, Talk
from tests.fakes.telegram.wire import callback_json, message_json, unix, user_json
from tests.fakes.telegram.world import World


class Person(Talk):
    """Somebody, and the private chat with the bot, whose id is the person's.

    With `to` they act in a group that they are in.
    """

    def __init__(self, world: World, user: User, *, started: bool = True) -> None:
        self.user = user
        chat = Chat(user.id, "private", user.name, [user], user.username)
        if not started:
            chat.refusal = forbidden("bot can't initiate conversation with a user")
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
            origin = {
                "type": "user",
                "date": unix(self.world.now()),
                "sender_user": user_json(forwarded_from),
            }
            extra["forward_origin"] = origin
        return self._post(to, text=text, entities=detected(text), reply_to=reply_to, extra=extra)

    def asks(self, text: str, *, to: Optional[Talk] = None) -> Message:
        """Writes and waits for the bot's next message."""
        return (to or self).wait_message(after=self.says(text, to=to).id)

    def sends_photo(
        self,
        data: bytes,
        caption: str = "",
        *,
        to: Optional[Talk] = None,
        album: Optional[str] = None,
        reply_to: Optional[int] = None,
    ) -> Message:
        """Sends a picture."""
        with self.world.changed:
            file = self.world.files.add_photo(data)
        return self._sends(file, caption, to, album=album, reply_to=reply_to)

    def sends_album(self, pictures: Sequence[bytes], caption: str = "", *, to: Optional[Talk] = None) -> None:
        """Sends pictures together; the caption is the first one's."""
        album = self.world.new_album()
        for number, data in enumerate(pictures):
            self.sends_photo(data, "" if number else caption, to=to, album=album)

    def sends_file(
        self, name: str, data: bytes, *, mime: str = "image/jpeg", to: Optional[Talk] = None
    ) -> Message:
        """Sends a document."""
        with self.world.changed:
            file = self.world.files.add("document", Upload(name, data, mime))
        return self._sends(file, "", to)

    def edits(self, message: Message, text: str) -> Message:
        """Changes an own message's text."""
        with self.world.changed:
            chat = self.world.chats[message.chat_id]
            change = {"text": text, "entities": detected(text), "edited_at": self.world.now()}
            edited = self.world.edit(chat, message.id, **change)
            self.world.push({"edited_message": message_json(self.world, edited)})
            return edited

    def presses(self, label: str, *, on: Optional[Message] = None, to: Optional[Talk] = None) -> Press:
        """Presses the button that says `label` (or holds it), on the newest message that has it."""
        with self.world.changed:
            talk = to or self
            candidates = [talk.message(on.id)] if on else list(reversed(talk.heard))
            for message in candidates:
                for button in (button for row in message.rows for button in row):
                    if label in button["text"] and "callback_data" in button:
                        self.world.note(talk.chat, "pressed", message, self.user.name, button["text"])
                        return self._press(message, button["callback_data"])
            raise AssertionError(f"no button {label!r}; there are {[m.buttons for m in candidates]}")

    def presses_data(self, data: str, message: Message) -> Press:
        """Sends any callback data, as an old or a tampered client does."""
        with self.world.changed:
            chat = self.world.chats[message.chat_id]
            self.world.note(chat, "pressed", message, self.user.name, f"?{data}")
            return self._press(message, data)

    def blocks_the_bot(self) -> None:
        """Writing to the person is answered with 403."""
        self.bot_becomes("member", "kicked", self.user)
        self.refuse(bot_blocked(), f"{self.user.name} blocks the bot")

    def unblocks_the_bot(self) -> None:
        """The bot may write again."""
        self.bot_becomes("kicked", "member", self.user)
        self.refuse(None, f"{self.user.name} unblocks the bot")

    def deletes_the_account(self) -> None:
        """Writing to the person is answered with 403, for another reason."""
        self.refuse(forbidden("user is deactivated"), f"{self.user.name} is gone")

    def _sends(self, file: StoredFile, caption: str, to: Optional[Talk], **fields: Any) -> Message:
        return self._post(to, file=file, text=caption, entities=detected(caption), **fields)

    def _post(self, to: Optional[Talk], **fields: Any) -> Message:
        if to is None:
            self.chat.refusal = None
        return (to or self).post(self.user, **fields)

    def _press(self, message: Message, data: str) -> Press:
        number = str(9_000_000_000 + next(self.world.ids))
        query = Query(number, message.chat_id, message.id, self.user, data, self.world.monotonic())
        self.world.queries[query.id] = query
        shown = message_json(self.world, message)
        self.world.push({"callback_query": callback_json(query.id, self.user, shown, data)})
        return Press(self.world, query)
