"""Who may do what, decided without a side effect."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import FrozenSet, Optional

from agent.domain.access import ChatKind, Member, Right, rights
from alerts.bot.call import Command, Place


class Decision(Enum):
    """What becomes of a request."""

    ALLOWED = "allowed"
    STRANGER = "stranger"
    NOT_THIS_ROLE = "not-this-role"
    ONLY_IN_PRIVATE = "only-in-private"


@dataclass(frozen=True)
class Standing:
    """Who asks and where: the chat as it was let in, and the person's own private chat, if they were.

    In a group nobody has rights before the group itself was let in: everything said is read by all of it.
    """

    place: Place
    chat: Optional[Member]
    own: Optional[Member]

    @property
    def known(self) -> bool:
        return self.chat is not None

    @property
    def rights(self) -> FrozenSet[Right]:
        if self.chat is None:
            return frozenset()
        return rights(self.chat.role, self.own.role if self.own else None)

    def may(self, command: Command) -> Decision:
        """Whether the command may be run here by this person."""
        if not self.known:
            return Decision.STRANGER
        if command.right is not None and command.right not in self.rights:
            return Decision.NOT_THIS_ROLE
        if command.private and self.place.kind is ChatKind.GROUP:
            return Decision.ONLY_IN_PRIVATE
        return Decision.ALLOWED

    def offered(self, command: Command) -> bool:
        """Whether help and menus name it here."""
        return command.typed and self.may(command) is Decision.ALLOWED
