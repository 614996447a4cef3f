"""Implements agent.inference.engines.EngineShelf: the engine that may look now, or none."""

from __future__ import annotations

from typing import Optional

import structlog

from agent.config.settings import Settings
from agent.engines.machine import Find
from agent.engines.order import key_of, recipe
from agent.engines.shelf import Shelf
from agent.inference.bundle import Bundle
from agent.inference.engines import Engine

log = structlog.get_logger(__name__)


class DeviceEngines:
    """The engines in the data folder, chosen by the configuration and by what is installed."""

    def __init__(self, settings: Settings, find: Find) -> None:
        self._settings = settings
        self._find = find

    def plan(self, bundle: Bundle) -> Optional[Engine]:
        """The one of the present key; until that is built, one that differs only in how it was built."""
        key = key_of(bundle, recipe(self._settings, bundle), self._find())
        shelf = Shelf(self._settings.store.folder)
        stored = shelf.get(key)
        if stored is None:
            stored = shelf.stand_in(key)
            if stored is None:
                return None
            log.info("an older engine looks until the new one is built", engine=stored.record.key.name)
        return Engine(stored.plan, stored.record.key.precision, stored.record.key.name)
