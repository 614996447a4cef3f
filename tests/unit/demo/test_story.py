from __future__ import annotations

import io
import queue
from pathlib import Path
from typing import Any, List, Optional

import pytest
from rich.console import Console

from agent.demo.broker import Broker
from agent.demo.story import _pictures_decode, _script, _settings, _stored, _Story
from agent.demo.subscriber import Received
from agent.ports import SnapshotRef
from agent.store.history import PastChange, PastIncident
from tests.fakes.changes import AT, opened
from tests.fakes.clock import FakeClock
from tests.fakes.pictures import jpeg


class EmptyEnds(queue.Queue):  # type: ignore[type-arg]  # not generic on Python 3.8
    """A queue that does not wait: where it is empty, a minute has passed."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def get(self, block: bool = True, timeout: Optional[float] = None) -> Any:
        try:
            return super().get(block=False)
        except queue.Empty:
            self._clock.advance(60.0)
            raise


def change(transition: str, kind: str, incident: str = "i1") -> Received:
    data = {"incident_id": incident, "kind": kind, "severity": "high", "confidence": {"now": 0.9}}
    return Received(f"incident/{kind}/{transition}", {"id": f"{incident}-1", "data": data})


def told(folder: Path, *messages: Received) -> Any:
    """A story that heard these messages, and what it printed."""
    page = io.StringIO()
    clock = FakeClock()
    story = _Story(
        Console(file=page, highlight=False, width=200),
        clock,
        _script(_settings(Broker("b", 1), folder, 7)),
    )
    received = EmptyEnds(clock)
    for message in messages:
        received.put(message)
    story.follow(received)
    return story, page


STORY: List[Received] = [
    Received("availability", {"text": "online"}),
    Received("camera/market-street/status", {"state": "online"}),
    change("opened", "start-fire"),
    change("escalated", "fire"),
]


def test_a_fire_that_escalates_completes_the_story(tmp_path: Path) -> None:
    story, page = told(tmp_path, *STORY)
    assert story.complete
    assert story.incident == "i1"
    for words in (
        "the agent is online",
        "the camera is online; the street is calm",
        "the city is told: start-fire opened, high, 90% sure (event i1-1)",
        "the city is told: fire escalated",
    ):
        assert words in page.getvalue()


@pytest.mark.parametrize("heard", [0, 2, 3])
def test_a_story_that_does_not_come_to_its_end_ends_all_the_same(tmp_path: Path, heard: int) -> None:
    story, page = told(tmp_path, *STORY[:heard])
    assert not story.complete
    story.conclude(None, tmp_path)
    assert "The story did not come to its end" in page.getvalue()


def test_the_end_says_where_the_pictures_are(tmp_path: Path) -> None:
    story, page = told(tmp_path, *STORY)
    first = opened("i1")
    shot = SnapshotRef(Path("a.jpg"), Path("b.jpg"), "0" * 64, 64, 48)
    past = PastIncident(first.incident, [PastChange(first, AT, shot, []), PastChange(first, AT, None, [])])
    story.conclude(past, tmp_path)
    assert str(tmp_path / "a.jpg") in page.getvalue()
    assert f"beffroi incidents show i1 --folder {tmp_path}" in page.getvalue()
    assert not _pictures_decode(past, tmp_path)
    (tmp_path / "a.jpg").write_bytes(jpeg())
    (tmp_path / "b.jpg").write_bytes(jpeg())
    assert _pictures_decode(past, tmp_path)
    assert not _pictures_decode(PastIncident(first.incident, []), tmp_path)


def test_nothing_received_is_nothing_stored(tmp_path: Path) -> None:
    assert _stored(tmp_path, None) is None
