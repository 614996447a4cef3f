"""The cameras' latest frames as anybody but the watch for fire may see them: under their privacy masks."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Callable, Dict, Optional, Tuple

from agent.ports import Frame
from agent.vision.mask import Masks


class MaskedFrames:
    """Thread-safe; a frame is masked once, however many ask for it."""

    def __init__(self, latest: Callable[[str], Optional[Frame]], masks: Masks) -> None:
        """`latest` gives a camera's last frame as it was decoded."""
        self._latest = latest
        self._masks = masks
        self._lock = threading.Lock()
        self._masked: Dict[str, Tuple[Frame, Frame]] = {}

    def latest(self, camera: str) -> Optional[Frame]:
        """The camera's last frame, the same object until there is another; None before the first."""
        frame = self._latest(camera)
        if frame is None:
            return None
        with self._lock:
            known = self._masked.get(camera)
            if known is not None and known[0] is frame:
                return known[1]
            pixels = self._masks.over(camera, frame.pixels)
            if pixels is frame.pixels:
                return frame
            masked = replace(frame, pixels=pixels)
            self._masked[camera] = (frame, masked)
            return masked
