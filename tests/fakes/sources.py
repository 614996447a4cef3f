"""A source that plays a script: pictures, errors and the end."""

from __future__ import annotations

import threading
from typing import Iterator, List, Optional, Sequence, Union

import numpy as np

from agent.errors import SourceError
from agent.ports import Picture, StreamPicture
from tests.fakes.clock import FakeClock

Step = Union[StreamPicture, SourceError, threading.Event, None]


def picture(shade: int = 0, media_s: float = 0.0) -> StreamPicture:
    """A small picture that differs by `shade` (0..255) from others."""
    pixels: Picture = np.full((48, 64, 3), shade, np.uint8)
    pixels[::7, ::5] = 255 - shade
    return StreamPicture(pixels, media_s)


class ScriptedSource:
    """Implements agent.ports.Source.

    `connections` holds one script per opening: a SourceError in place of a script refuses to open; within
    a script pictures are given, an error is raised, an event is set (and the end reached) and None ends it.
    When the connections are used up, `stop` is set.
    """

    def __init__(
        self,
        connections: Sequence[Union[SourceError, Sequence[Step]]],
        stop: threading.Event,
        *,
        live: bool = True,
        clock: Optional[FakeClock] = None,
        gap_s: float = 0.0,
    ) -> None:
        self.live = live
        self.closed = 0
        self.opened_at: List[float] = []
        self._connections = iter(connections)
        self._stop = stop
        self._clock = clock or FakeClock()
        self._gap_s = gap_s

    @property
    def display(self) -> str:
        return "scripted"

    def open(self) -> ScriptedStream:
        self.opened_at.append(self._clock.monotonic())
        script = next(self._connections, None)
        if script is None:
            self._stop.set()
            raise SourceError("the script is over")
        if isinstance(script, SourceError):
            raise script
        return ScriptedStream(self, iter(script), self._clock, self._gap_s)


class ScriptedStream:
    """Implements agent.ports.Stream."""

    def __init__(self, source: ScriptedSource, steps: Iterator[Step], clock: FakeClock, gap_s: float) -> None:
        self._source = source
        self._steps = steps
        self._clock = clock
        self._gap_s = gap_s

    def read(self) -> Optional[StreamPicture]:
        self._clock.advance(self._gap_s)
        step = next(self._steps, None)
        if isinstance(step, SourceError):
            raise step
        if isinstance(step, threading.Event):
            step.set()
            return None
        return step

    def close(self) -> None:
        self._source.closed += 1
