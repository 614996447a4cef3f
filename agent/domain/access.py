"""Who may do what: chats that were let in, their roles, and the rights of each role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import FrozenSet, Mapping, Optional


class Role(str, Enum):
    """What a chat was let in as."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ENROLLER = "enroller"
    ADMIN = "admin"


class Right(str, Enum):
    """One thing that a role may or may not do.

    `see`: status, pictures, incidents. `act`: acknowledge, dismiss, silence, arm, disarm. `enrol`: people and
    their faces. `manage`: self-test, invitations, members, audit.
    """

    SEE = "see"
    ACT = "act"
    ENROL = "enrol"
    MANAGE = "manage"


RIGHTS: Mapping[Role, FrozenSet[Right]] = {
    Role.VIEWER: frozenset({Right.SEE}),
    Role.OPERATOR: frozenset({Right.SEE, Right.ACT}),
    Role.ENROLLER: frozenset({Right.SEE, Right.ENROL}),
    Role.ADMIN: frozenset(Right),
}


class ChatKind(str, Enum):
    """A person alone with the bot, or several people with it."""

    PRIVATE = "private"
    GROUP = "group"


@dataclass(frozen=True)
class Member:
    """A chat that was let in; in a private chat its id is the person's own.

    `language` is a code such as `fr`; `alerts` is false where the chat wants none. `unreachable` says why
    messages cannot reach it any more (blocked, deleted), None while they can. Times are aware UTC.
    """

    chat: int
    kind: ChatKind
    title: str
    role: Role
    language: str
    joined_at: datetime
    invited_by: str
    alerts: bool = True
    unreachable: Optional[str] = None


def rights(*roles: Optional[Role]) -> FrozenSet[Right]:
    """What someone with these roles may do: in a group, the group's role and the person's own add up."""
    granted = [RIGHTS[role] for role in roles if role is not None]
    return frozenset().union(*granted)
