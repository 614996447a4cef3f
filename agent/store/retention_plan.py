"""Which pictures may go and which must: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import List, Sequence, Tuple


@dataclass(frozen=True)
class Shot:
    """The files of one snapshot (annotated, clean); `kept` where they must not be deleted.

    `written_at` is aware UTC, `size` the bytes that deleting them frees.
    """

    incident_id: str
    sequence: int
    written_at: datetime
    size: int
    files: Tuple[Path, ...]
    kept: bool


@dataclass(frozen=True)
class Disk:
    """Bytes used and bytes that the agent's user may still use."""

    used: int
    free: int

    def excess(self, share: float) -> int:
        """Bytes to delete for the disk to be no fuller than `share` (0..1); 0 where it is not."""
        return max(0, self.used - int(share * (self.used + self.free)))


def plan(shots: Sequence[Shot], now: datetime, keep_days: float, to_free: int) -> List[Shot]:
    """What to delete, oldest first: all that is older than `keep_days`, then until `to_free` bytes go."""
    cutoff = now - timedelta(days=keep_days)
    chosen: List[Shot] = []
    for shot in sorted((shot for shot in shots if not shot.kept), key=_age):
        if shot.written_at >= cutoff and to_free <= 0:
            break
        chosen.append(shot)
        to_free -= shot.size
    return chosen


def oldest(shots: Sequence[Shot], to_free: int) -> List[Shot]:
    """As many as it takes to free so many bytes, oldest first, however young they are."""
    chosen: List[Shot] = []
    for shot in sorted(shots, key=_age):
        if to_free <= 0:
            break
        chosen.append(shot)
        to_free -= shot.size
    return chosen


def _age(shot: Shot) -> Tuple[datetime, str, int]:
    return shot.written_at, shot.incident_id, shot.sequence
