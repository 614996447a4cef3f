from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.camera import CameraState, CameraStatus
from agent.domain.health import AgentStatus, Health, StageLatency
from alerts.city import payloads
from tests.fakes.changes import AT, MODEL
from tests.fakes.city import check


@pytest.mark.parametrize("state", list(CameraState))
def test_camera_status(state: CameraState) -> None:
    payload = payloads.camera_status(CameraStatus("yard", state, AT, None, 14.9876, "frozen"))
    check("camera-status", payload)
    assert payload == {
        "state": state.value,
        "since": "2026-01-01T12:00:00.000Z",
        "last_frame_at": None,
        "fps": 14.99,
        "reason": "frozen",
    }


def test_agent_status() -> None:
    payload = payloads.agent_status(AgentStatus("0.1.0", AT, 3, [MODEL], ["yard", "roof"]))
    check("status", payload)
    assert (payload["boot"], payload["cameras"]) == (3, ["yard", "roof"])


HEALTH = Health(
    at=AT,
    uptime_s=1.26,
    load_1m=0.5,
    temperatures_c={"CPU-therm": 48.0},
    memory_rss=1,
    memory_available=2,
    disk_free=3,
    disk_total=4,
    outbox_pending=5,
    outbox_parked=6,
    outbox_shed=7,
    stages={"infer": StageLatency(8.0, 9.0, 10)},
)


def test_health_of_a_device_that_tells_all() -> None:
    report = replace(
        HEALTH,
        power_mode="MODE_15W_6CORE",
        throttled=True,
        gpu_load=0.42,
        clock_synchronised=False,
        disk_wear=1.1,
    )
    payload = payloads.health(report)
    check("health", payload)
    assert payload["outbox"] == {"pending": 5, "parked": 6, "shed": 7}
    assert payload["stages"] == {"infer": {"p50_ms": 8.0, "p99_ms": 9.0, "count": 10}}
    assert payload["temperatures_c"] == {"CPU-therm": 48.0}
    assert payload["disk"] == {"free": 3, "total": 4, "wear": 1.1}
    assert payload["power_mode"] == "MODE_15W_6CORE"
    assert (payload["throttled"], payload["gpu_load"], payload["clock_synchronised"]) == (True, 0.42, False)


def test_what_the_device_does_not_tell_is_null() -> None:
    payload = payloads.health(HEALTH)
    check("health", payload)
    assert payload["disk"] == {"free": 3, "total": 4, "wear": None}
    for name in ("power_mode", "throttled", "gpu_load", "clock_synchronised"):
        assert payload[name] is None
