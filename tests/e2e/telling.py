"""What a control system is promised, held against what it received and what the database says."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from pathlib import Path
from typing import Any, Dict, List, Sequence, Set

import cv2

from agent.store.history import PastIncident
from agent.store.schema import DeliveryState
from tests.e2e.whole import past
from tests.fakes.city import check
from tests.fakes.detector import GREEN, GREY, RED
from tests.fakes.films import Scene

Event = Dict[str, Any]

FLICKER_S = 2.5


def flicker(seconds: float) -> List[Scene]:
    """Incidents that open, escalate, are told again and end, over and over."""
    return [(GREEN, 0.5), (GREY, 0.6), (RED, 0.6), (GREEN, 0.8)] * max(1, round(seconds / FLICKER_S))


def hasty(fire: Dict[str, Any]) -> Dict[str, Any]:
    """A fire section with which a flicker gives as many changes as it can."""
    return {**fire, "needed": 1, "window": 1, "half_life_s": 0.01, "resolve_after_s": 0.2, "renotify_s": 0.2}


def committed(folder: Path) -> Set[str]:
    """The event ids of all changes in the database."""
    return {change.change.event_id for one in past(folder) for change in one.changes}


def untold(folder: Path) -> int:
    """How many changes the database still holds for somebody."""
    states = [told.state for one in past(folder) for change in one.changes for told in change.told]
    return states.count(DeliveryState.PENDING)


def assert_promises_kept(folder: Path, events: Sequence[Event]) -> None:
    """Everything that was committed was told in order, nothing else was, and a repeat repeats."""
    incidents = past(folder)
    versions: Dict[str, Set[str]] = defaultdict(set)
    order: Dict[str, List[int]] = defaultdict(list)
    for event in events:
        check("incident-event", event)
        if event["id"] not in versions:
            order[event["subject"]].append(int(event["sequence"]))
        same = {key: value for key, value in event.items() if key != "recordedtime"}
        versions[event["id"]].add(json.dumps(same, sort_keys=True))
    assert all(len(contents) == 1 for contents in versions.values()), "one id, one content"
    assert set(versions) == committed(folder), "told is what was committed"
    for one in incidents:
        assert order[one.incident.id] == list(range(1, one.incident.sequence + 1)), "told in order"
        _assert_pictures(folder, one)


def _assert_pictures(folder: Path, one: PastIncident) -> None:
    for change in one.changes:
        if change.snapshot is not None:
            data = (folder / change.snapshot.annotated).read_bytes()
            assert hashlib.sha256(data).hexdigest() == change.snapshot.sha256
            for name in (change.snapshot.annotated, change.snapshot.clean):
                assert cv2.imread(str(folder / name)) is not None, f"{name} does not decode"
