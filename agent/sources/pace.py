"""Play a replay in real time, as a camera would have given it."""

from __future__ import annotations

import threading
from typing import Optional

from agent.ports import Clock, Source, Stream, StreamPicture


class PacedSource:
    """Implements agent.ports.Source around a replay: each picture is due at its media time."""

    live = False

    def __init__(self, source: Source, clock: Clock) -> None:
        self._source = source
        self._clock = clock

    @property
    def display(self) -> str:
        return self._source.display

    def open(self) -> PacedStream:
        return PacedStream(self._source.open(), self._clock)


class PacedStream:
    """Implements agent.ports.Stream. A reader that is late is not made later still."""

    def __init__(self, stream: Stream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock
        self._start: Optional[float] = None
        self._closed = threading.Event()

    def read(self) -> Optional[StreamPicture]:
        picture = self._stream.read()
        if picture is None:
            return None
        now = self._clock.monotonic()
        if self._start is None:
            self._start = now - picture.media_s
        early_s = self._start + picture.media_s - now
        if early_s > 0:
            self._clock.wait(self._closed, early_s)
        return picture

    def close(self) -> None:
        self._closed.set()
        self._stream.close()
