"""The chats that were let in, and the names of the people who pressed a button in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, List, Optional

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from agent.domain.access import RIGHTS, ChatKind, Member, Right, Role
from agent.ports import Clock
from agent.store.database import Database
from agent.store.people_schema import (
    alert_messages,
    audit,
    dialogues,
    invitations,
    members,
    strangers,
    user_names,
)
from agent.store.texts import one_line

LONGEST_TITLE = 128
MOST_NAMES = 1000

_LONGEST_REASON = 200
_FRESH = timedelta(days=1)
"""How far behind a name's last use may be on disk: a press of a button is not worth a write."""

_ADMIT = insert(members).prefix_with("OR REPLACE")
_NAME = insert(user_names).prefix_with("OR REPLACE")


class Members:
    """Every call reads or writes the database, so that what another process changed holds at once.

    All raise StoreError.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def get(self, chat: int) -> Optional[Member]:
        """The member, None for a chat that was not let in."""
        with self._database.read() as connection:
            row = connection.execute(select(members).where(members.c.chat == chat)).one_or_none()
        return None if row is None else _member(row)

    def all(self) -> List[Member]:
        """Who joined first comes first."""
        query = select(members).order_by(members.c.joined_at, members.c.chat)
        with self._database.read() as connection:
            return [_member(row) for row in connection.execute(query)]

    def told(self) -> List[Member]:
        """Those that want alerts and can be reached; who joined first comes first."""
        return [member for member in self.all() if member.alerts and member.unreachable is None]

    def admit(self, member: Member) -> None:
        """Let a chat in, or replace what is known of it; a long title is cut."""
        row = {
            "chat": member.chat,
            "kind": member.kind.value,
            "title": one_line(member.title, LONGEST_TITLE),
            "role": member.role.value,
            "language": member.language,
            "joined_at": member.joined_at,
            "invited_by": member.invited_by,
            "alerts": int(member.alerts),
            "unreachable": member.unreachable,
        }
        with self._database.write() as connection:
            connection.execute(_ADMIT, row)
            connection.execute(delete(strangers).where(strangers.c.chat == member.chat))

    def set_role(self, chat: int, role: Role) -> bool:
        """False where the chat is no member. Who may invite no more has no invitation open."""
        with self._database.write() as connection:
            known = connection.execute(update(members).where(members.c.chat == chat).values(role=role.value))
            if Right.MANAGE not in RIGHTS[role]:
                _withdraw(connection, chat)
        return known.rowcount == 1

    def set_language(self, chat: int, language: str) -> bool:
        """False where the chat is no member."""
        return self._set(chat, language=language)

    def set_alerts(self, chat: int, alerts: bool) -> bool:
        """False where the chat is no member."""
        return self._set(chat, alerts=int(alerts))

    def unreachable(self, chat: int, why: Optional[str]) -> bool:
        """Keep why messages cannot reach the chat (blocked, deleted); None: they can again."""
        return self._set(chat, unreachable=None if why is None else one_line(why, _LONGEST_REASON))

    def revoke(self, chat: int) -> bool:
        """Let the chat in no more, forget what was kept for it, and withdraw its invitations.

        The audit keeps the numbers of chat and user until retention takes them: who ordered what stays known.
        False where the chat was no member.
        """
        with self._database.write() as connection:
            known = connection.execute(delete(members).where(members.c.chat == chat)).rowcount == 1
            connection.execute(delete(alert_messages).where(alert_messages.c.chat == chat))
            # A private chat has its user's number.
            connection.execute(
                delete(dialogues).where(or_(dialogues.c.chat == chat, dialogues.c.user == chat))
            )
            connection.execute(delete(user_names).where(user_names.c.user == chat))
            _withdraw(connection, chat)
        return known

    def migrate(self, old_chat: int, new_chat: int) -> bool:
        """A group became a supergroup: its membership, audit and dialogues go on under the new number.

        Messages are numbered anew in a supergroup, so that what is known of the old ones would name others:
        alert messages stay with the old number, and the next news of an incident is a new message. A new chat
        that was let in already stays as it is. False where the old chat is no member.
        """
        with self._database.write() as connection:
            member = connection.execute(select(members).where(members.c.chat == old_chat)).one_or_none()
            if member is None:
                return False
            connection.execute(delete(members).where(members.c.chat == old_chat))
            connection.execute(
                insert(members).prefix_with("OR IGNORE"),
                {**member._asdict(), "chat": new_chat, "unreachable": None},
            )
            connection.execute(delete(strangers).where(strangers.c.chat == new_chat))
            connection.execute(update(audit).where(audit.c.chat == old_chat).values(chat=new_chat))
            connection.execute(
                update(dialogues)
                .prefix_with("OR REPLACE")
                .where(dialogues.c.chat == old_chat)
                .values(chat=new_chat)
            )
        return True

    def remember(self, user: int, name: str) -> None:
        """Keep what people call a user; of more than MOST_NAMES the longest unseen are forgotten."""
        now = self._clock.now()
        known_as = one_line(name, LONGEST_TITLE)
        known = select(user_names).where(user_names.c.user == user)
        newest = select(user_names.c.user).order_by(user_names.c.seen_at.desc(), user_names.c.user)
        with self._database.read() as connection:
            row = connection.execute(known).one_or_none()
        if row is not None and row.name == known_as and abs(now - row.seen_at) < _FRESH:
            return
        with self._database.write() as connection:
            connection.execute(_NAME, {"user": user, "name": known_as, "seen_at": now})
            connection.execute(delete(user_names).where(user_names.c.user.not_in(newest.limit(MOST_NAMES))))

    def name_of(self, user: int) -> Optional[str]:
        """What people call a user; None where it was never seen or is forgotten."""
        with self._database.read() as connection:
            name = connection.scalar(select(user_names.c.name).where(user_names.c.user == user))
        return None if name is None else str(name)

    def _set(self, chat: int, **values: Any) -> bool:
        with self._database.write() as connection:
            return (
                connection.execute(update(members).where(members.c.chat == chat).values(values)).rowcount == 1
            )


def _withdraw(connection: Connection, user: int) -> None:
    connection.execute(delete(invitations).where(invitations.c.issued_by == f"telegram:{user}"))


def _member(row: Row[Any]) -> Member:
    return Member(
        chat=row.chat,
        kind=ChatKind(row.kind),
        title=row.title,
        role=Role(row.role),
        language=row.language,
        joined_at=row.joined_at,
        invited_by=row.invited_by,
        alerts=bool(row.alerts),
        unreachable=row.unreachable,
    )
