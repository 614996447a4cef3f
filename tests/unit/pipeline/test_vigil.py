"""The cameras' news reach the board and the recorder, whatever the capture threads do."""

from __future__ import annotations

import itertools
import threading
from typing import List, Optional

from agent.domain.camera import CameraStatus
from agent.domain.incident import Change
from agent.domain.policy.camera import CameraPolicy, Verdict
from agent.domain.policy.settings import CameraPolicySettings
from agent.errors import SourceError
from agent.pipeline.vigil import Vigil, Vigilance
from agent.ports import Frame
from agent.telemetry import Telemetry
from tests.fakes.clock import FakeClock
from tests.fakes.sources import picture

SETTINGS = CameraPolicySettings(blind_after_s=2.0, incident_after_s=3.0, recover_after_s=0.5)


class Rig:
    def __init__(self, cameras: int = 1) -> None:
        self.clock = FakeClock()
        self.numbers = itertools.count()
        self.telemetry = Telemetry(self.clock)
        self.statuses: List[CameraStatus] = []
        self.changes: List[Change] = []
        self.vigils = [
            Vigil(CameraPolicy(f"c{n}", SETTINGS, lambda: "i", self.clock.moment()), self.clock)
            for n in range(cameras)
        ]
        self.vigilance = Vigilance(
            self.vigils, self.statuses.append, self._change, self.clock, self.telemetry
        )

    def play(self, frames: int, vigil: int = 0, shade: Optional[int] = None, gap_s: float = 0.1) -> None:
        """Frames that differ from all before, or of one and the same `shade`."""
        for _ in range(frames):
            self.clock.advance(gap_s)
            index = next(self.numbers)
            pixels = picture(index % 120 if shade is None else shade).pixels
            self.vigils[vigil].frame(Frame(f"c{vigil}", pixels, self.clock.moment(), 0.0, index))

    def pass_time(self, seconds: float) -> None:
        for _ in range(round(seconds * 4)):
            self.clock.advance(0.25)
            self.vigilance.turn()

    def online(self, camera: str) -> Optional[float]:
        return self.telemetry.registry.get_sample_value("beffroi_camera_online", {"camera": camera})

    def _change(self, change: Change, frame: Optional[Frame]) -> None:
        assert frame is None
        self.changes.append(change)


def test_news_are_told_in_order_and_once() -> None:
    rig = Rig()
    rig.vigils[0].opened()
    rig.play(20)
    rig.vigilance.turn()
    assert [status.state.value for status in rig.statuses] == ["online"]
    assert rig.online("c0") == 1
    rig.pass_time(8)
    assert [status.state.value for status in rig.statuses] == ["online", "blind"]
    assert [change.transition.value for change in rig.changes] == ["opened"]
    assert rig.online("c0") == 0
    rig.play(20)
    rig.vigilance.turn()
    assert [change.transition.value for change in rig.changes] == ["opened", "resolved"]
    assert rig.online("c0") == 1


def test_the_frame_rate_is_that_of_all_frames_though_few_are_judged() -> None:
    rig = Rig()
    rig.play(100, gap_s=0.04)
    rig.vigilance.turn()
    status = rig.vigils[0].status
    assert status is not None
    assert 23 < status.fps < 27


def test_a_picture_that_stays_the_same_is_frozen() -> None:
    rig = Rig()
    rig.play(20)
    rig.play(40, shade=7)
    rig.vigilance.turn()
    assert rig.statuses[-1].reason == "frozen"


def test_one_camera_does_not_speak_for_another() -> None:
    rig = Rig(cameras=2)
    rig.vigils[1].lost(SourceError("c1: connection refused", reason="connection refused"))
    for _ in range(40):
        rig.play(1)
        rig.vigilance.turn()
    assert rig.vigils[0].status is not None
    assert rig.vigils[0].status.state.value == "online"
    assert rig.vigils[1].status is not None
    assert rig.vigils[1].status.reason == "connection refused"


def test_it_runs_until_told_to_stop() -> None:
    rig = Rig()
    stop = threading.Event()

    class Last(Vigil):
        def news(self) -> List[Verdict]:
            if rig.clock.monotonic() > 5:
                stop.set()
            return super().news()

    vigil = Last(CameraPolicy("c0", SETTINGS, lambda: "i", rig.clock.moment()), rig.clock)
    Vigilance([vigil], rig.statuses.append, rig._change, rig.clock, rig.telemetry).run(stop)
    assert rig.statuses[0].reason == "connecting"


def blind() -> Rig:
    rig = Rig()
    rig.vigils[0].opened()
    rig.play(20)
    rig.pass_time(8)
    return rig


def test_what_people_say_of_a_blind_camera_is_told_in_order() -> None:
    rig = blind()
    change = rig.vigils[0].judge("i", lambda one: one.acknowledge(rig.clock.now(), "anna"))
    assert change is not None
    rig.play(20)
    rig.vigilance.turn()
    assert [change.transition.value for change in rig.changes] == ["opened", "acknowledged", "resolved"]
    assert [change.incident.sequence for change in rig.changes] == [1, 2, 3]


def test_a_word_on_what_is_over_changes_nothing() -> None:
    rig = blind()
    assert rig.vigils[0].judge("other", lambda one: one.dismiss(rig.clock.now(), "anna")) is None
    rig.vigils[0].judge("i", lambda one: one.dismiss(rig.clock.now(), "anna"))
    assert rig.vigils[0].judge("i", lambda one: one.dismiss(rig.clock.now(), "bob")) is None
    rig.pass_time(60)
    assert [change.transition.value for change in rig.changes] == ["opened", "dismissed"]
