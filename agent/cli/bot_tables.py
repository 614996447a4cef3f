"""Members, invitations and the audit, as tables for people and as rows for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List, Sequence, Tuple

from rich.markup import escape
from rich.table import Table

from agent.domain.access import Member
from agent.store.audit import AuditEntry
from agent.store.invitations import OpenInvitation


def member_row(member: Member) -> Dict[str, Any]:
    """A member as JSON."""
    return {
        "chat": member.chat,
        "kind": member.kind.value,
        "title": member.title,
        "role": member.role.value,
        "language": member.language,
        "joined_at": member.joined_at.isoformat(),
        "invited_by": member.invited_by,
        "alerts": member.alerts,
        "unreachable": member.unreachable,
    }


def invitation_row(one: OpenInvitation) -> Dict[str, Any]:
    """An open invitation as JSON."""
    return {
        "role": one.role.value,
        "by": one.by,
        "issued_at": one.issued_at.isoformat(),
        "expires_at": one.expires_at.isoformat(),
    }


def entry_row(entry: AuditEntry) -> Dict[str, Any]:
    """An entry of the audit as JSON."""
    return {**vars(entry), "at": entry.at.isoformat()}


def members_table(found: List[Member]) -> Table:
    """A line for each member."""
    rows = [
        (
            str(member.chat),
            member.title,
            member.kind.value,
            member.role.value,
            member.language,
            ("yes" if member.alerts else "no") if member.unreachable is None else member.unreachable,
            _at(member.joined_at),
            member.invited_by,
        )
        for member in found
    ]
    columns = ("chat", "title", "kind", "role", "language", "told of alerts", "joined (UTC)", "invited by")
    return _table(columns, rows)


def invitations_table(found: List[OpenInvitation]) -> Table:
    """A line for each open invitation."""
    rows = [(one.role.value, one.by, _at(one.issued_at), _at(one.expires_at)) for one in found]
    return _table(("role", "issued by", "issued (UTC)", "good until (UTC)"), rows)


def audit_table(found: List[AuditEntry], names: Dict[int, str]) -> Table:
    """A line for each order; `names` says what people call the users."""
    rows = [
        (
            _at(entry.at),
            "shell" if entry.chat is None else str(entry.chat),
            "" if entry.user is None else names[entry.user],
            entry.action,
            entry.subject,
            entry.outcome,
        )
        for entry in found
    ]
    return _table(("at (UTC)", "chat", "who", "what", "of what", "outcome"), rows)


def _table(columns: Tuple[str, ...], rows: Sequence[Tuple[str, ...]]) -> Table:
    table = Table(*columns)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    return table


def _at(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S}"
