"""Which pictures may go and which must: pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import List, Sequence, Tuple

_DAY_S = 86400.0


@dataclass(frozen=True)
class Shot:
    """The files of one snapshot (annotated, clean); `kept` where they must not be deleted.

    `written_at` is aware UTC, `size` the bytes that deleting them frees. After `keep_days` they are too old.
    """

    incident_id: str
    sequence: int
    written_at: datetime
    size: int
    files: Tuple[Path, ...]
    kept: bool
    keep_days: float = math.inf


@dataclass(frozen=True)
class Disk:
    """Bytes used and bytes that the agent's user may still use."""

    used: int
    free: int

    def excess(self, share: float) -> int:
        """Bytes to delete for the disk to be no fuller than `share` (0..1); 0 where it is not."""
        return max(0, self.used - int(share * (self.used + self.free)))


def plan(shots: Sequence[Shot], now: datetime, to_free: int) -> List[Shot]:
    """What to delete: all that is too old, then the oldest of the rest until `to_free` bytes go."""
    free = [shot for shot in shots if not shot.kept]
    too_old = [shot for shot in free if _too_old(shot, now)]
    rest = [shot for shot in free if not _too_old(shot, now)]
    return sorted(too_old, key=_age) + oldest(rest, to_free - sum(shot.size for shot in too_old))


def oldest(shots: Sequence[Shot], to_free: int) -> List[Shot]:
    """As many as it takes to free so many bytes, oldest first, however young they are."""
    chosen: List[Shot] = []
    for shot in sorted(shots, key=_age):
        if to_free <= 0:
            break
        chosen.append(shot)
        to_free -= shot.size
    return chosen


def _too_old(shot: Shot, now: datetime) -> bool:
    return (now - shot.written_at).total_seconds() > shot.keep_days * _DAY_S


def _age(shot: Shot) -> Tuple[datetime, str, int]:
    return shot.written_at, shot.incident_id, shot.sequence
