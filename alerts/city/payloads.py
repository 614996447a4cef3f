"""The JSON of the status, camera and health topics: pure functions from domain values."""

from __future__ import annotations

from typing import Dict

from agent.domain.box import Box
from agent.domain.camera import CameraStatus
from agent.domain.evidence import ModelInfo
from agent.domain.health import AgentStatus, Health
from alerts.city.timestamps import timestamp

Json = Dict[str, object]


def model(info: ModelInfo) -> Json:
    """Which model said it (also part of an incident); `boxed_by` where a second had a say in it."""
    said: Json = {
        "bundle": info.bundle,
        "sha256": info.sha256,
        "backend": info.backend,
        "precision": info.precision,
        "thresholds": dict(info.thresholds),
    }
    return said if info.boxed_by is None else {**said, "boxed_by": model(info.boxed_by)}


def box(where: Box) -> Json:
    """Corners within the picture; a tracker may think something half out of it."""
    x1, y1, x2, y2 = (min(1.0, max(0.0, side)) for side in (where.left, where.top, where.right, where.bottom))
    return {"x1": x1, "y1": y1, "x2": x2, "y2": y2}


def agent_status(status: AgentStatus) -> Json:
    """The payload of `status`."""
    return {
        "version": status.version,
        "started_at": timestamp(status.started_at),
        "boot": status.boot,
        "models": [model(info) for info in status.models],
        "cameras": list(status.cameras),
    }


def camera_status(status: CameraStatus) -> Json:
    """The payload of `camera/<id>/status`."""
    return {
        "state": status.state.value,
        "since": timestamp(status.since),
        "last_frame_at": None if status.last_frame_at is None else timestamp(status.last_frame_at),
        "fps": round(status.fps, 2),
        "reason": status.reason,
    }


def health(report: Health) -> Json:
    """The payload of `health`: bytes, seconds, milliseconds, degrees Celsius and shares."""
    return {
        "at": timestamp(report.at),
        "uptime_s": round(report.uptime_s, 1),
        "load_1m": report.load_1m,
        "temperatures_c": dict(report.temperatures_c),
        "memory": {"rss": report.memory_rss, "available": report.memory_available},
        "disk": {"free": report.disk_free, "total": report.disk_total, "wear": report.disk_wear},
        "outbox": {
            "pending": report.outbox_pending,
            "parked": report.outbox_parked,
            "shed": report.outbox_shed,
        },
        "stages": {
            name: {"p50_ms": stage.p50_ms, "p99_ms": stage.p99_ms, "count": stage.count}
            for name, stage in report.stages.items()
        },
        "power_mode": report.power_mode,
        "throttled": report.throttled,
        "gpu_load": report.gpu_load,
        "clock_synchronised": report.clock_synchronised,
    }
