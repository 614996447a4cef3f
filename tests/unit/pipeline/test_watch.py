from __future__ import annotations

import itertools
import threading
from typing import Iterator, List, Optional, Sequence, Tuple, Union

import pytest

from agent.domain.box import Box
from agent.domain.detection import Detection, Tracked
from agent.domain.incident import Change, Kind
from agent.domain.object_event import ObjectEvent
from agent.domain.policy.fire import FirePolicy
from agent.domain.policy.settings import FirePolicySettings
from agent.errors import SourceError
from agent.pipeline.watch import Step, ThingWatch, watch
from agent.ports import Frame
from tests.fakes.changes import object_event, opened
from tests.fakes.clock import FakeClock
from tests.fakes.detector import GREEN, GREY, RED, FakeFireDetector, ScriptedStream, picture

FPS = 25.0
Opening = Union[ScriptedStream, SourceError]


class ScriptedSource:
    """Implements agent.ports.Source: one opening after the other."""

    display = "scripted"

    def __init__(self, openings: Sequence[Opening], live: bool = False) -> None:
        self.live = live
        self._openings = iter(openings)

    def open(self) -> ScriptedStream:
        opening = next(self._openings)
        if isinstance(opening, SourceError):
            raise opening
        return opening


def film(*scenes: tuple[Sequence[int], float]) -> ScriptedStream:
    return ScriptedStream(
        [picture(colour) for colour, seconds in scenes for _ in range(round(seconds * FPS))], FPS
    )


class Crowd:
    """Implements agent.pipeline.watch.ThingWatch: at each look there is one more, and an event and an
    incident are told."""

    def __init__(self) -> None:
        self.at: List[float] = []

    def look(self, frame: Frame) -> Tuple[Sequence[Tracked], List[Union[Change, ObjectEvent]]]:
        self.at.append(frame.media_s)
        box = Box(0.1, 0.1, 0.2, 0.2)
        there = [Tracked(n, "car", Detection("car", 0.9, box)) for n in range(len(self.at))]
        return there, [object_event(), opened("o", Kind.OBJECT)]


def steps(
    source: ScriptedSource,
    stop: threading.Event = threading.Event(),
    things: Optional[ThingWatch] = None,
) -> Iterator[Step]:
    ids = (f"i{n}" for n in itertools.count(1))
    policy = FirePolicy("watch", FirePolicySettings(resolve_after_s=3.0), lambda: next(ids))
    return watch(source, "watch", FakeFireDetector(), policy, FakeClock(), 5.0, stop, things)


def changes(seen: List[Step]) -> List[str]:
    return [f"{c.incident.kind.value} {c.transition.value}" for step in seen for c in step.changes]


def test_a_recording_is_told_from_smoke_to_the_end() -> None:
    seen = list(steps(ScriptedSource([film((GREEN, 2), (GREY, 3), (RED, 3), (GREEN, 6))])))
    assert changes(seen) == ["start-fire opened", "fire escalated", "fire resolved"]
    opened = next(step for step in seen if step.changes)
    assert 2.0 < opened.frame.media_s < 4.0


def test_things_are_looked_for_at_each_look_and_stay_until_the_next() -> None:
    crowd = Crowd()
    seen = list(steps(ScriptedSource([film((GREEN, 1))]), things=crowd))
    assert crowd.at == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8])
    assert [len(step.things) for step in seen] == [n for n in range(1, 6) for _ in range(5)]
    looked = [step for step in seen if step.scores is not None]
    assert [list(step.events) for step in looked] == [[object_event()]] * 5
    assert changes(seen) == ["object opened"] * 5
    assert not any(step.events for step in seen if step.scores is None)


def test_every_frame_is_a_step_and_five_a_second_are_looked_at() -> None:
    seen = list(steps(ScriptedSource([film((GREEN, 4))])))
    assert len(seen) == 100
    assert sum(step.scores is not None for step in seen) == 20


def test_each_look_knows_the_picture_of_the_one_before() -> None:
    detector = FakeFireDetector()
    stop = threading.Event()
    policy = FirePolicy("watch", FirePolicySettings(), lambda: "i1")
    pictures = ScriptedSource([film((GREEN, 0.4), (GREY, 0.2))])
    list(watch(pictures, "watch", detector, policy, FakeClock(), 5.0, stop))
    told = [None if one is None else one[0, 0].tolist() for (one,) in detector.before]
    assert told == [None, list(GREEN), list(GREEN)]


def test_the_stream_is_closed_at_the_end() -> None:
    stream = film((GREEN, 1))
    list(steps(ScriptedSource([stream])))
    assert stream.closed


def test_a_recording_that_breaks_is_an_error() -> None:
    broken = ScriptedStream([picture(GREEN)] * 5, FPS, SourceError("damaged"))
    with pytest.raises(SourceError, match="damaged"):
        list(steps(ScriptedSource([broken])))
    assert broken.closed


def test_a_live_source_that_is_lost_is_opened_again_and_time_goes_on() -> None:
    lost = ScriptedStream([picture(GREEN)] * 25, FPS, SourceError("gone", stalled=True))
    back = film((RED, 3))
    seen = list(steps(ScriptedSource([lost, SourceError("still gone"), back], live=True)))
    assert changes(seen) == ["fire opened"]
    times = [step.frame.media_s for step in seen]
    assert times == sorted(times)
    assert lost.closed


def test_a_live_source_must_open_the_first_time() -> None:
    with pytest.raises(SourceError, match="refused"):
        list(steps(ScriptedSource([SourceError("refused")], live=True)))


def test_told_to_stop_while_the_source_is_lost_it_stops() -> None:
    stop = threading.Event()
    lost = ScriptedStream([picture(GREEN)] * 3, FPS, SourceError("gone"))
    watching = steps(ScriptedSource([lost], live=True), stop)
    for _ in range(3):
        next(watching)
    stop.set()
    assert list(watching) == []
