"""USB cameras through OpenCV (V4L2)."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Optional, Tuple

import cv2
import numpy as np
from typing_extensions import Protocol

from agent.errors import SourceError
from agent.ports import Clock, Picture, StreamPicture

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # its failures are raised below


class Grabber(Protocol):
    """What is used of cv2.VideoCapture."""

    def isOpened(self) -> bool: ...  # noqa: N802

    def read(self) -> Tuple[bool, Optional[Picture]]: ...

    def release(self) -> None: ...


def _grab(device: str) -> Grabber:
    capture = cv2.VideoCapture(device, cv2.CAP_V4L2)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the latest picture, not the oldest
    grabber: Grabber = capture  # type: ignore[assignment]
    return grabber


class UsbSource:
    """Implements agent.ports.Source on a device such as /dev/video0."""

    live = True

    def __init__(self, device: str, clock: Clock, grab: Callable[[str], Grabber] = _grab) -> None:
        self._device = device
        self._clock = clock
        self._grab = grab

    @property
    def display(self) -> str:
        return self._device

    def open(self) -> UsbStream:
        if not Path(self._device).exists():
            raise SourceError(
                f"{self._device}: no such device: is the camera plugged in?", reason="unplugged"
            )
        grabber = self._grab(self._device)
        if not grabber.isOpened():
            grabber.release()
            raise SourceError(
                f"{self._device}: cannot be opened: let the agent's user join the group `video`, and close "
                "whatever else uses the camera",
                reason="cannot be opened",
            )
        return UsbStream(grabber, self._device, self._clock)


class UsbStream:
    """Implements agent.ports.Stream; media time is the clock's, for a USB camera stamps nothing."""

    def __init__(self, grabber: Grabber, device: str, clock: Clock) -> None:
        self._grabber = grabber
        self._device = device
        self._clock = clock
        self._start: Optional[float] = None

    def read(self) -> Optional[StreamPicture]:
        got, pixels = self._grabber.read()
        if not got or pixels is None:
            raise self._lost()
        now = self._clock.monotonic()
        self._start = now if self._start is None else self._start
        return StreamPicture(np.ascontiguousarray(pixels, np.uint8), now - self._start)

    def close(self) -> None:
        self._grabber.release()

    def _lost(self) -> SourceError:
        if Path(self._device).exists():
            return SourceError(f"{self._device}: gives no picture", stalled=True, reason="no answer")
        return SourceError(f"{self._device}: was unplugged", reason="unplugged")
