"""The latest frame of every camera: an older one is overwritten, never queued."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Dict, List, Optional

from agent.ports import Frame


class Mailbox:
    """One slot per camera under one condition, so that one analyser waits for whichever camera is first.

    Thread-safe. A frame is fresh from `put` until it is taken; a fresh frame that is overwritten is counted
    as dropped. The last frame stays readable after it was taken.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._latest: Dict[str, Frame] = {}
        self._fresh: Dict[str, Frame] = {}
        self._dropped: Counter[str] = Counter()

    def put(self, frame: Frame) -> None:
        """Make `frame` its camera's latest; never blocks on a reader."""
        with self._changed:
            if frame.camera in self._fresh:
                self._dropped[frame.camera] += 1
            self._latest[frame.camera] = frame
            self._fresh[frame.camera] = frame
            self._changed.notify_all()

    def wait_fresh(self, timeout_s: float) -> List[str]:
        """The cameras that have a frame nobody took, waiting for one at most `timeout_s` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._fresh, timeout_s)
            return list(self._fresh)

    def take(self, camera: str) -> Optional[Frame]:
        """The fresh frame of a camera, once; None where there is none."""
        with self._changed:
            return self._fresh.pop(camera, None)

    def latest(self, camera: str) -> Optional[Frame]:
        """The last frame of a camera, taken or not; None before the first."""
        with self._changed:
            return self._latest.get(camera)

    def dropped(self, camera: str) -> int:
        """How many frames of the camera were overwritten before anyone took them."""
        with self._changed:
            return self._dropped[camera]
