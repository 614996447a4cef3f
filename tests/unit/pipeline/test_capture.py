"""Capture never gives up, never floods, and ends only with a replay."""

from __future__ import annotations

import random
import threading
from typing import List, Sequence, Union

import pytest
from structlog.testing import capture_logs

from agent.domain.policy.camera import CameraPolicy
from agent.domain.policy.settings import CameraPolicySettings
from agent.errors import SourceError
from agent.pipeline.capture import Capture
from agent.pipeline.slot import Mailbox
from agent.pipeline.vigil import Vigil
from agent.telemetry import Telemetry
from tests.fakes.clock import FakeClock
from tests.fakes.sources import ScriptedSource, ScriptedStream, Step, picture

Script = Sequence[Union[SourceError, Sequence[Step]]]
LOST = SourceError("gate: the far end closed the connection")
WRONG = SourceError("gate: wrong user name or password", permanent=True, reason="wrong user name or password")


class Rig:
    def __init__(self, script: Script, *, live: bool = True, loop: bool = False, gap_s: float = 0.0) -> None:
        self.clock = FakeClock()
        self.stop = threading.Event()
        self.source = ScriptedSource(script, self.stop, live=live, clock=self.clock, gap_s=gap_s)
        self.mailbox = Mailbox()
        self.telemetry = Telemetry(self.clock)
        settings = CameraPolicySettings(blind_after_s=1.0, recover_after_s=0.0)
        self.vigil = Vigil(CameraPolicy("gate", settings, lambda: "i1", self.clock.moment()), self.clock)
        self.capture = Capture(
            "gate",
            self.source,
            self.mailbox,
            self.vigil,
            self.clock,
            self.telemetry,
            rng=random.Random(7),
            loop=loop,
        )

    def run(self) -> Rig:
        self.capture.run(self.stop)
        return self

    @property
    def pauses(self) -> List[float]:
        times = self.source.opened_at
        return [later - earlier for earlier, later in zip(times, times[1:])]

    def count(self, name: str) -> float:
        return self.telemetry.registry.get_sample_value(f"beffroi_{name}_total", {"camera": "gate"}) or 0.0


def test_frames_reach_the_slot_stamped_and_counted() -> None:
    rig = Rig([[picture(1, 0.0), picture(2, 0.1), None]], live=False).run()
    frame = rig.mailbox.take("gate")
    assert frame is not None
    assert (frame.camera, frame.index, frame.media_s) == ("gate", 1, 0.1)
    assert rig.mailbox.dropped("gate") == 1
    assert rig.count("frames_decoded") == 2
    assert rig.source.closed == 1


def test_a_replay_ends_by_itself() -> None:
    rig = Rig([[picture(), None]], live=False).run()
    assert not rig.stop.is_set()
    assert rig.vigil.status is not None
    assert rig.vigil.status.reason == "replay ended"


def test_a_looped_replay_starts_over() -> None:
    rig = Rig([[picture(n), None] for n in range(3)], live=False, loop=True).run()
    assert rig.stop.is_set()
    assert rig.count("frames_decoded") == 3


def test_it_reconnects_for_ever_ever_more_slowly_up_to_a_cap() -> None:
    pauses = Rig([LOST] * 40).run().pauses
    assert len(pauses) == 40
    assert pauses[0] <= 0.5
    assert all(7.5 <= pause <= 15.0 for pause in pauses[6:])
    assert len({round(pause, 3) for pause in pauses[6:]}) > 10


def test_what_needs_a_person_is_tried_less_often() -> None:
    pauses = Rig([WRONG] * 10).run().pauses
    assert pauses[0] >= 7.5
    assert all(60.0 <= pause <= 120.0 for pause in pauses[4:])


def test_a_connection_that_held_starts_the_back_off_over() -> None:
    held: List[Step] = [picture(n) for n in range(10)]
    script: List[Union[SourceError, Sequence[Step]]] = [*[LOST] * 6, [*held, LOST], LOST]
    rig = Rig(script, gap_s=1.0).run()
    assert rig.pauses[6] - 11.0 <= 0.5


def test_a_connection_that_breaks_at_once_does_not() -> None:
    rig = Rig([LOST] * 6 + [[picture(), LOST], LOST]).run()
    assert rig.pauses[6] >= 7.5


def test_a_lost_camera_is_told_to_the_vigil_and_the_stream_closed() -> None:
    rig = Rig([[picture(), LOST], WRONG, WRONG, WRONG]).run()
    rig.vigil.news()
    assert rig.vigil.status is not None
    assert rig.vigil.status.state.value == "offline"
    assert rig.source.closed == 1
    assert rig.count("reconnects") == 5


def test_a_trouble_that_stays_is_logged_once() -> None:
    with capture_logs() as logs:
        Rig([LOST] * 30).run()
    assert [entry["event"] for entry in logs].count("camera lost") == 2  # and the end of the script


def test_told_to_stop_it_closes_the_stream() -> None:
    rig = Rig([[picture(), picture()]])
    rig.stop.set()
    rig.run()
    assert rig.source.opened_at == []

    rig = Rig([])
    rig.source = ScriptedSource([[picture(), rig.stop]], rig.stop, live=True)
    rig.capture = Capture("gate", rig.source, rig.mailbox, rig.vigil, rig.clock, rig.telemetry)
    rig.run()
    assert rig.source.closed == 1
    assert rig.vigil.status is not None
    assert rig.vigil.status.reason != "replay ended"


def test_a_fault_of_the_program_is_not_swallowed() -> None:
    class Broken(ScriptedSource):
        def open(self) -> ScriptedStream:
            raise ZeroDivisionError

    rig = Rig([])
    broken = Broken([], rig.stop)
    capture = Capture("gate", broken, rig.mailbox, rig.vigil, rig.clock, rig.telemetry)
    with pytest.raises(ZeroDivisionError):
        capture.run(rig.stop)
