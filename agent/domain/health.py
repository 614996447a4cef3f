"""How the agent itself is doing, as told to the city and to metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Mapping, Optional, Sequence

from agent.domain.evidence import ModelInfo


@dataclass(frozen=True)
class StageLatency:
    """Milliseconds a stage took over the last window."""

    p50_ms: float
    p99_ms: float
    count: int


@dataclass(frozen=True)
class Health:
    """One heartbeat; sizes in bytes, temperatures in degrees Celsius by zone. None where nobody can tell.

    `throttled`: heat or power takes clocks away now. `gpu_load`: 0 to 1. `disk_wear`: the share of its
    guaranteed life that the data folder's disk has behind it, 1 and more for all of it.
    """

    at: datetime
    uptime_s: float
    load_1m: float
    temperatures_c: Mapping[str, float]
    memory_rss: int
    memory_available: int
    disk_free: int
    disk_total: int
    outbox_pending: int
    outbox_parked: int
    outbox_shed: int
    stages: Mapping[str, StageLatency]
    power_mode: Optional[str] = None
    throttled: Optional[bool] = None
    gpu_load: Optional[float] = None
    clock_synchronised: Optional[bool] = None
    disk_wear: Optional[float] = None


@dataclass(frozen=True)
class AgentStatus:
    """What runs here; `boot` counts the agent's starts, so that an old last will cannot mask a reconnect."""

    version: str
    started_at: datetime
    boot: int
    models: Sequence[ModelInfo]
    cameras: Sequence[str]
