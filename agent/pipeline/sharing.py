"""Which frames things are looked for in: where fire is looked for by the same network, the same frames."""

from __future__ import annotations

from typing import Callable, Collection, Dict, Optional

from agent.ports import Clock, Frame

_STALE_S = 1.0
"""The watch for fire is behind: things are not looked for in a picture older than that."""


class SharedFrames:
    """For one thread. A camera's frames never go back in time."""

    def __init__(
        self,
        shared: Collection[str],
        looked: Callable[[str], Optional[Frame]],
        latest: Callable[[str], Optional[Frame]],
        clock: Clock,
    ) -> None:
        """`looked` gives the last frame of a camera that fire was looked for in, `latest` the last there is;
        on the cameras `shared` the former is as good."""
        self._shared = shared
        self._looked = looked
        self._latest = latest
        self._clock = clock
        self._given: Dict[str, Frame] = {}

    def latest(self, camera: str) -> Optional[Frame]:
        """The next frame to look at, the same object until there is another; None before the first."""
        frame = self._looked(camera) if camera in self._shared else None
        if frame is None or self._behind(frame):
            frame = self._latest(camera)
        if frame is not None:
            self._given[camera] = frame
        return frame

    def _behind(self, frame: Frame) -> bool:
        given = self._given.get(frame.camera)
        went_on = given is not None and given.at.monotonic > frame.at.monotonic
        return went_on or self._clock.monotonic() - frame.at.monotonic > _STALE_S
