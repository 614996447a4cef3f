"""Which message tells a chat of an incident, so that news of it edits or answers that one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, List, Optional

from sqlalchemy import Row, insert, select

from agent.store.database import Database
from agent.store.people_schema import alert_messages

_PUT = insert(alert_messages).prefix_with("OR REPLACE")


@dataclass(frozen=True)
class AlertMessage:
    """A message in a chat that shows an incident as of its change `sequence`.

    `picture` is true where it is a photo with a caption, false where it is a text.
    """

    incident_id: str
    chat: int
    message_id: int
    sequence: int
    picture: bool


class AlertMessages:
    """Goes with the incident when retention deletes it. All raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, incident_id: str, chat: int) -> Optional[AlertMessage]:
        """The chat's message about the incident; None where it has none."""
        query = select(alert_messages).where(
            alert_messages.c.incident_id == incident_id, alert_messages.c.chat == chat
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _message(row)

    def put(self, alert_message: AlertMessage) -> None:
        """Keep it in place of what was kept for that incident and chat; the incident must be stored."""
        row = {**asdict(alert_message), "picture": int(alert_message.picture)}
        with self._database.write() as connection:
            connection.execute(_PUT, row)

    def of(self, incident_id: str) -> List[AlertMessage]:
        """Every chat's message about the incident, by chat."""
        query = (
            select(alert_messages)
            .where(alert_messages.c.incident_id == incident_id)
            .order_by(alert_messages.c.chat)
        )
        with self._database.read() as connection:
            return [_message(row) for row in connection.execute(query)]


def _message(row: Row[Any]) -> AlertMessage:
    return AlertMessage(row.incident_id, row.chat, row.message_id, row.sequence, bool(row.picture))
