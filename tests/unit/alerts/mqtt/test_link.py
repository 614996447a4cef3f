from __future__ import annotations

import random

from structlog.testing import capture_logs

from agent.config.settings import MqttSettings
from alerts.mqtt.link import RECONNECT, Link
from tests.fakes.stopping_clock import StoppingClock

NOBODY = MqttSettings(host="127.0.0.1", port=1)


def test_it_tries_for_ever_with_growing_jittered_capped_pauses_and_one_line() -> None:
    clock = StoppingClock(waits=200)
    link = Link(NOBODY, "id", "availability", clock, random.Random(1))
    with capture_logs() as logs:
        link.run(clock.stop)
    assert len(clock.waits) == 200
    for failures, pause in enumerate(clock.waits):
        ceiling = min(RECONNECT.cap_s, RECONNECT.first_s * 2.0 ** min(failures, 62))
        assert ceiling / 2 <= pause <= ceiling
    assert len({round(pause, 6) for pause in clock.waits}) == 200, "jittered"
    assert [entry["event"] for entry in logs] == ["broker unreachable"]
    assert "nothing listens at 127.0.0.1:1" in logs[0]["reason"]
    assert not link.ready()
