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


class Blindness(str, Enum):
    """Why a picture, or the lack of one, shows nothing new; the value is the reason that people read."""

    STALLED = "stalled"
    FROZEN = "frozen"
    BLACK = "black"
    COVERED = "covered"
    WASHED_OUT = "washed-out"


@dataclass(frozen=True)
class Quality:
    """What one picture is worth. `blindness` is None where it is usable; `blurred` is a usable one that is
    out of focus. `sharpness` (0 and up; a focused street has more than 0.5) is what `blurred` was judged by.
    """

    blindness: Optional[Blindness] = None
    blurred: bool = False
    sharpness: float = 1.0


@dataclass(frozen=True)
class CameraStatus:
    """What `camera/<id>/status` says; times are aware UTC, `fps` counts new decoded frames."""

    camera: str
    state: CameraState
    since: datetime
    last_frame_at: Optional[datetime]
    fps: float
    reason: Optional[str]
