"""The bot's user name, as the agent last learnt it, for commands that do not ask Telegram."""

from __future__ import annotations

from typing import Optional

from sqlalchemy import insert, select

from agent.store.database import Database
from agent.store.people_schema import bot

_ONLY = 1
_PUT = insert(bot).prefix_with("OR REPLACE")


class BotName:
    """All raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self) -> Optional[str]:
        """Without the @; None where the agent never reached Telegram."""
        with self._database.read() as connection:
            name = connection.scalar(select(bot.c.username).where(bot.c.id == _ONLY))
        return None if name is None else str(name)

    def put(self, username: str) -> None:
        """Keep the name that `getMe` gave, without the @; writes only where it changed."""
        if self.get() != username:
            with self._database.write() as connection:
                connection.execute(_PUT, {"id": _ONLY, "username": username})
