"""A camera's state as people see it, and what makes a camera blind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Optional


class CameraState(str, Enum):
    """`blind`: connected, no new usable picture; `offline`: not connected; `degraded`: usable but poor."""

    ONLINE = "online"
    DEGRADED = "degraded"
    BLIND = "blind"
    OFFLINE = "offline"
    DISABLED = "disabled"


@dataclass(frozen=True)
class CameraStatus:
    """What `camera/<id>/status` says; times are aware UTC, `fps` counts new decoded frames."""

    camera: str
    state: CameraState
    since: datetime
    last_frame_at: Optional[datetime]
    fps: float
    reason: Optional[str]
