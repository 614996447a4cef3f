from __future__ import annotations

import threading
from typing import Dict, List, Optional

import numpy as np
import pytest
from pydantic import SecretStr

from agent.cli.connections import Outcome, Trial, attempt, broker_trial, camera_trial
from agent.clock import SystemClock
from agent.config.settings import Camera, MqttSettings
from agent.errors import SourceError, TransientDeliveryError
from agent.ports import Clock, Source, Stream, StreamPicture
from tests.fakes.clock import FakeClock


class OnePicture:
    """A source and its stream: gives what it is told to, once."""

    live = True
    display = "one picture"

    def __init__(self, picture: Optional[StreamPicture], refusal: Optional[SourceError] = None) -> None:
        self._picture = picture
        self._refusal = refusal
        self.closed = False

    def open(self) -> Stream:
        return self

    def read(self) -> Optional[StreamPicture]:
        if self._refusal is not None:
            raise self._refusal
        return self._picture

    def close(self) -> None:
        self.closed = True


PICTURE = StreamPicture(np.zeros((48, 64, 3), np.uint8), 0.0)
CAMERA = Camera(id="yard", url=SecretStr("usb:0"), open_timeout_s=2, read_timeout_s=3)


def outcomes(*trials: Trial) -> Dict[str, Outcome]:
    return {outcome.what: outcome for outcome in attempt(trials, SystemClock())}


def tried(source: OnePicture) -> Outcome:
    def open_source(camera: Camera) -> Source:
        assert camera is CAMERA
        return source

    trial = camera_trial(CAMERA, open_source, FakeClock())
    assert trial.limit_s == 10.0
    return outcomes(trial)["camera yard"]


def test_a_camera_that_gives_a_picture() -> None:
    source = OnePicture(PICTURE)
    assert tried(source) == Outcome("camera yard", True, "a picture of 64 x 48 after 0.0 s")
    assert source.closed


def test_a_camera_that_refuses() -> None:
    source = OnePicture(None, SourceError("yard: wrong password: check it", permanent=True))
    assert tried(source) == Outcome("camera yard", False, "yard: wrong password: check it")
    assert source.closed


def test_a_film_without_pictures() -> None:
    assert tried(OnePicture(None)) == Outcome(
        "camera yard", False, "it has no picture in it: check what the url names"
    )


@pytest.mark.parametrize("refused", [False, True])
def test_the_broker(refused: bool) -> None:
    mqtt = MqttSettings(host="h")
    asked: List[MqttSettings] = []

    def probe(settings: MqttSettings, clock: Clock) -> None:
        asked.append(settings)
        if refused:
            raise TransientDeliveryError("nothing listens: check mqtt.host")

    outcome = outcomes(broker_trial(mqtt, probe, FakeClock()))["broker"]
    assert asked == [mqtt]
    assert outcome == Outcome(
        "broker", not refused, "nothing listens: check mqtt.host" if refused else "connected"
    )


def test_trials_run_side_by_side() -> None:
    meet = threading.Barrier(3)

    def run() -> str:
        meet.wait(timeout=10)
        return "met"

    found = outcomes(*(Trial(name, run, 10.0) for name in "abc"))
    assert [found[name].text for name in "abc"] == ["met"] * 3


def test_one_that_hangs_fails_without_holding_up_the_others() -> None:
    forever = threading.Event()

    def hang() -> str:
        forever.wait(30)
        return "late"

    found = outcomes(Trial("hangs", hang, 0.05), Trial("answers", lambda: "here", 10.0))
    forever.set()
    assert found["answers"].ok
    assert found["hangs"].text == "no answer within 0.05 s: check the network and the device"


def test_what_nobody_foresaw_is_told_without_its_text() -> None:
    def run() -> str:
        raise RuntimeError("rtsp://u:hunter2@h")

    (outcome,) = outcomes(Trial("odd", run, 10.0)).values()
    assert not outcome.ok
    assert outcome.text == "failed unexpectedly (RuntimeError): please report it"


def test_nothing_to_try() -> None:
    assert outcomes() == {}
