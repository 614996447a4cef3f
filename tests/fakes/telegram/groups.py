"""Groups, supergroups and channels, and what happens to the bot in them."""

from __future__ import annotations

import re
from typing import Sequence

from tests.fakes.telegram.errors import forbidden, migrated
from tests.fakes.telegram.markup import detected
from tests.fakes.telegram.people import Person
from tests.fakes.telegram.records import Chat, Message, User
from tests.fakes.telegram.talk import Talk
from tests.fakes.telegram.wire import user_json
from tests.fakes.telegram.world import World

_GROUPS = -4_000_000_000
_SUPERGROUPS = -1_005_000_000_000


class Group(Talk):
    """A chat of several that the bot is in."""

    @classmethod
    def create(cls, world: World, name: str, members: Sequence[User], kind: str) -> Group:
        """`kind`: group, supergroup or channel."""
        first = _GROUPS if kind == "group" else _SUPERGROUPS
        username = re.sub(r"\W", "", name).lower() if kind == "channel" else None
        chat = Chat(first - next(world.ids), kind, name, list(members), username)
        world.chats[chat.id] = chat
        return cls(world, chat)

    def posts(self, text: str) -> Message:
        """A channel's own post."""
        return self.post(None, "channel_post", text=text, entities=detected(text))

    def welcomes(self, person: Person) -> None:
        """Somebody joins."""
        self.chat.users.append(person.user)
        self.post(person.user, extra={"new_chat_members": [user_json(person.user)]})

    def loses(self, person: Person) -> None:
        """Somebody leaves."""
        self.chat.users.remove(person.user)
        self.post(person.user, extra={"left_chat_member": user_json(person.user)})

    def kicks_the_bot(self, by: Person) -> None:
        """Writing there is answered with 403."""
        self.bot_becomes("member", "kicked", by.user)
        self.refuse(
            forbidden(f"bot was kicked from the {self.chat.type} chat"), f"{by.user.name} removes the bot"
        )

    def adds_the_bot(self, by: Person) -> None:
        """The bot joins, or is taken back."""
        self.refuse(None, f"{by.user.name} adds the bot")
        self.bot_becomes("left", "member", by.user)
        self.post(by.user, extra={"new_chat_members": [user_json(self.world.bot)]})

    def migrates(self, by: Person) -> Group:
        """Becomes a supergroup, which is returned; writing to the old id is refused with the new one."""
        with self.world.changed:
            new = Group.create(self.world, self.chat.name, self.chat.users, "supergroup")
            self.post(by.user, extra={"migrate_to_chat_id": new.id})
            new.post(by.user, extra={"migrate_from_chat_id": self.id})
            self.refuse(migrated(new.id), "the group becomes a supergroup")
            return new
