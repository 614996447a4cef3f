"""Whose frame is looked at next: the camera that has waited longest since its last look, each in its turn."""

from __future__ import annotations

import itertools
from typing import Dict, List, Mapping, Sequence


class Schedule:
    """Pure turn-taking. With a device slower than its cameras, looks are shed evenly: no camera starves.

    `looks_per_second` says how often each camera wants to be looked at; `batch` is the most frames taken
    in one turn.
    """

    def __init__(self, looks_per_second: Mapping[str, float], batch: int) -> None:
        self._gap_s = {camera: 1.0 / rate for camera, rate in looks_per_second.items()}
        self._batch = batch
        self._last_look: Dict[str, float] = {}
        self._turn_of: Dict[str, int] = {}
        self._turns = itertools.count()

    def turn(self, fresh: Sequence[str], now: float) -> List[str]:
        """The cameras to look at now, out of those with a fresh frame; `now` in monotonic seconds."""
        due = [camera for camera in fresh if self.wait_s(camera, now) <= 0.0]
        due.sort(key=lambda camera: self._turn_of.get(camera, -1))
        chosen = due[: self._batch]
        for camera in chosen:
            self._last_look[camera] = self._due_at(camera, now)
            self._turn_of[camera] = next(self._turns)
        return chosen

    def wait_s(self, camera: str, now: float) -> float:
        """Seconds until the camera is due; not positive where it is."""
        last = self._last_look.get(camera)
        return 0.0 if last is None else last + self._gap_s[camera] - now

    def _due_at(self, camera: str, now: float) -> float:
        """Keep the beat rather than drift, unless the camera has fallen behind by a whole turn."""
        last = self._last_look.get(camera)
        if last is None:
            return now
        beat = last + self._gap_s[camera]
        return beat if now - beat < self._gap_s[camera] else now
