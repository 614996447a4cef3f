"""What each chat was told, remembered even where the disk cannot take it, so that nothing is told twice."""

from __future__ import annotations

from typing import Dict, Optional, Tuple

import structlog

from agent.errors import StoreError
from agent.store.alert_messages import AlertMessage, AlertMessages

log = structlog.get_logger(__name__)


class Told:
    """Safe from any thread, as long as each chat is written to by one at a time."""

    def __init__(self, messages: AlertMessages) -> None:
        self._messages = messages
        self._unsaved: Dict[Tuple[str, int], AlertMessage] = {}

    def get(self, incident_id: str, chat: int) -> Optional[AlertMessage]:
        """The last word on it. Raises StoreError."""
        return self._unsaved.get((incident_id, chat)) or self._messages.get(incident_id, chat)

    def put(self, message: AlertMessage) -> None:
        """Keep it: on the disk, or until the next start where that is full."""
        key = (message.incident_id, message.chat)
        self._unsaved[key] = message
        try:
            self._messages.put(message)
        except StoreError as error:
            log.error("who was told cannot be stored", incident=message.incident_id, error=str(error))
        else:
            del self._unsaved[key]
