"""Who is told of an incident, and what people are called."""

from __future__ import annotations

import re
from typing import List, Optional

from agent.domain.access import ChatKind, Member, Role
from agent.domain.incident import Incident
from agent.store.members import Members

_ACTOR = re.compile(r"telegram:(\d{1,19})", re.ASCII)


class Recipients:
    """Everything raises StoreError."""

    def __init__(self, members: Members) -> None:
        self._members = members

    def of(self, incident: Incident) -> List[Member]:
        """All that want alerts; of a drill only who asked for it, or else the admins."""
        told = self._members.told()
        if not incident.drill:
            return told
        user = _user(incident.actor)
        asker = self._members.get(user) if user is not None else None
        if asker is not None and asker.kind is ChatKind.PRIVATE and asker.unreachable is None:
            return [asker]
        return [member for member in told if member.role is Role.ADMIN]

    def name(self, actor: Optional[str]) -> str:
        """What people call an actor; empty where nobody knows."""
        user = _user(actor)
        if user is None:
            return actor or ""
        name = self._members.name_of(user)
        if name is None:
            member = self._members.get(user)
            name = member.title if member is not None else ""
        return name


def _user(actor: Optional[str]) -> Optional[int]:
    found = _ACTOR.fullmatch(actor or "")
    return int(found[1]) if found else None
