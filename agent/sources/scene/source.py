"""The scene as a source: a replay that goes at a camera's pace or as fast as it is read."""

from __future__ import annotations

import math
import threading
from typing import Optional

from agent.errors import SourceError
from agent.ports import Clock, StreamPicture
from agent.sources.scene.options import parse_scene_url
from agent.sources.scene.script import SceneScript
from agent.sources.scene.stage import Stage


class SceneSource:
    """Implements agent.ports.Source on a `scene:` address; raises SourceError where that is wrong.

    `script` says when smoke, flame and fire begin, in media time. The street is built at the first opening.
    `pace=max` in the address or `real_time` false: as fast as it is read.
    """

    live = False

    def __init__(self, url: str, clock: Clock, *, real_time: bool = True) -> None:
        self._url = url
        self._clock = clock
        self._stage: Optional[Stage] = None
        self.options = parse_scene_url(url)
        self._own_pace = real_time and self.options.pace == "own"
        self.script = SceneScript(
            self.options.calm_s,
            self.options.smoke_s,
            self.options.flame_s,
            self.options.fire_s,
            self.options.out_s,
        )

    @property
    def display(self) -> str:
        return self._url

    def open(self) -> SceneStream:
        """The story from its beginning."""
        if self._stage is None:
            self._stage = Stage(self.options.seed, self.options.width, self.options.height, self.script)
        return SceneStream(
            self._stage, self.script.end_s, self.options.fps, self._clock if self._own_pace else None
        )


class SceneStream:
    """Implements agent.ports.Stream. At its own pace it skips, as a camera does, what it is too late for."""

    def __init__(self, stage: Stage, end_s: float, fps: float, clock: Optional[Clock]) -> None:
        """Without a clock it goes as fast as it is read."""
        self._stage = stage
        self._fps = fps
        self._count = math.ceil(end_s * fps - _TOLERANCE)
        self._clock = clock
        self._began: Optional[float] = None
        self._next = 0
        self._closed = threading.Event()

    def read(self) -> Optional[StreamPicture]:
        """The next picture, when it is due; None after the last. Raises SourceError once closed."""
        if self._clock is not None:
            self._await_next(self._clock)
        if self._closed.is_set():
            raise SourceError("the scene was closed: open it again to read on")
        if self._next >= self._count:
            return None
        media_s = self._next / self._fps
        self._next += 1
        return StreamPicture(self._stage.render(media_s), media_s)

    def close(self) -> None:
        self._closed.set()

    def _await_next(self, clock: Clock) -> None:
        """Wait until the next picture is due, or go on to the one that is due now."""
        now = clock.monotonic()
        if self._began is None:
            self._began = now
        due_now = int((now - self._began) * self._fps + _TOLERANCE)
        self._next = max(self._next, due_now)
        if self._next > due_now and self._next < self._count:
            clock.wait(self._closed, self._began + self._next / self._fps - now)


_TOLERANCE = 1e-6
