"""A whole agent in this process, and the configuration that tests run it with."""

from __future__ import annotations

import threading
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List

from agent.clock import SystemClock
from agent.config.settings import Settings
from agent.service import Agent
from agent.store.database import open_for_reading
from agent.store.history import History, PastIncident
from tests.fakes.broker import READER
from tests.fakes.waiting import until

ROOT = "beffroi/v1/town/tower"
PATIENCE_S = 100.0

Document = Dict[str, Any]


def document(folder: Path, bundle: Path, **films: Path) -> Document:
    """A configuration: a camera per film, quick to open incidents and to end them, and no broker."""
    return {
        "site": "town",
        "device": "tower",
        "cameras": [
            {
                "id": name,
                "url": str(film),
                "looks_per_second": 10.0,
                "blind": {"blind_after_s": 30.0, "recover_after_s": 0.2},
            }
            for name, film in films.items()
        ],
        "fire": {
            "bundle": str(bundle),
            "threads": 1,
            "needed": 2,
            "window": 3,
            "half_life_s": 0.1,
            "resolve_after_s": 0.5,
            "cooldown_s": 0.0,
        },
        "store": {"folder": str(folder), "disk_share": 0.999},
    }


@contextmanager
def alive(config: Document) -> Iterator[Agent]:
    """The agent at work for as long as the block lasts; it must stop in time and leave no thread behind."""
    before = set(threading.enumerate())
    agent = Agent(Settings.model_validate(config), SystemClock())
    agent.start()
    try:
        until(lambda: agent.ready, "the agent watches", PATIENCE_S)
        yield agent
    finally:
        stuck = agent.stop()
    assert stuck == []
    assert_none_left(before)


def assert_none_left(before: set[threading.Thread]) -> None:
    """Every thread that was started since `before` has ended, but for one of a broker that came back."""

    def left() -> List[str]:
        return [one.name for one in threading.enumerate() if one not in before and one.name != READER]

    until(lambda: not left(), f"these threads end: {left()}")


def past(folder: Path) -> List[PastIncident]:
    """Every incident that is in the database, with all that happened to it, oldest first."""
    path = folder / "beffroi.db"
    if not path.is_file():
        return []
    with closing(open_for_reading(path)) as database:
        history = History(database)
        found = [history.get(incident.id) for incident in reversed(history.list())]
    return [one for one in found if one is not None]


def transitions(one: PastIncident) -> List[str]:
    return [f"{change.change.incident.kind.value} {change.change.transition.value}" for change in one.changes]
