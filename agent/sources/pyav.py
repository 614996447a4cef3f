"""RTSP and HTTP cameras, and video files, through FFmpeg (PyAV)."""

from __future__ import annotations

import time
from typing import Any, Dict, Generator, Iterator, List, Optional, Tuple

import av
import av.error
import av.logging
import numpy as np

from agent.errors import SourceError
from agent.ports import Picture, StreamPicture
from agent.sources.address import display
from agent.sources.av_errors import source_error
from agent.sources.media_clock import MediaClock

av.logging.set_level(None)  # its lines hold addresses with passwords; its errors are raised all the same

_MOST_BAD_PACKETS = 200  # in a row: some ten seconds of a stream, after which it is given up
_USUAL_RATE = 25.0
_NOT_VIDEO = ("tty", "image2")  # FFmpeg plays any text as a film of a terminal

_LIVE_OPTIONS = {
    # A first picture within half a second. Not `nobuffer`: it throws away what the analysis has read, and
    # with it the key picture that all others wait for.
    "analyzeduration": "200000",
    "probesize": "65536",
    "flags": "low_delay",
}


class PyAvSource:
    """Implements agent.ports.Source. With `live` false the address is a file that comes to an end."""

    def __init__(
        self,
        url: str,
        *,
        live: bool,
        transport: str = "tcp",
        open_timeout_s: float = 10.0,
        read_timeout_s: float = 5.0,
    ) -> None:
        self._url = url
        self.live = live
        self._transport = transport
        self._timeouts: Tuple[float, float] = (open_timeout_s, read_timeout_s)

    @property
    def display(self) -> str:
        return display(self._url)

    def open(self) -> PyAvStream:
        began = time.monotonic()
        try:
            container = av.open(self._url, options=self._options(), timeout=self._timeouts)
        except av.error.FFmpegError as error:
            timed_out = time.monotonic() - began >= self._timeouts[0]
            raise source_error(error, self.display, live=self.live, timed_out=timed_out) from None
        if not container.streams.video or container.format.name in _NOT_VIDEO:
            container.close()
            raise SourceError(f"{self.display}: there is no video in it", permanent=True, reason="no video")
        return PyAvStream(container, self.display, self.live, self._timeouts[1])

    def _options(self) -> Dict[str, str]:
        if not self.live:
            return {}
        if self._url.lower().startswith("rtsp"):
            return {**_LIVE_OPTIONS, "rtsp_transport": self._transport, "allowed_media_types": "video"}
        return dict(_LIVE_OPTIONS)


class PyAvStream:
    """Implements agent.ports.Stream on an open container."""

    def __init__(self, container: Any, display: str, live: bool, read_timeout_s: float) -> None:
        self._container = container
        self._display = display
        self._live = live
        self._read_timeout_s = read_timeout_s
        self._video = container.streams.video[0]
        # Frame threads would hold back as many pictures as there are threads.
        self._video.thread_type = "SLICE" if live else "AUTO"
        rate = self._video.average_rate or self._video.guessed_rate or _USUAL_RATE
        self._clock = MediaClock(1.0 / float(rate))
        self._frames = self._decode()

    def read(self) -> Optional[StreamPicture]:
        frame = next(self._frames, None)
        if frame is None:
            return None
        pixels = _upright(frame.to_ndarray(format="bgr24"), getattr(frame, "rotation", 0))
        return StreamPicture(pixels, self._clock.at(frame.time))

    def close(self) -> None:
        self._frames.close()
        self._container.close()

    def _decode(self) -> Generator[Any, None, None]:
        """Frames to the end of the file; packets that do not decode are skipped, within bounds."""
        bad = shown = 0
        for packet in self._demux():
            try:
                frames: List[Any] = packet.decode()
            except av.error.EOFError:
                break
            except av.error.FFmpegError as error:
                bad += 1
                if bad > _MOST_BAD_PACKETS:
                    raise source_error(error, self._display, live=self._live) from None
                continue
            if frames:
                bad = 0
                shown += len(frames)
            yield from frames
        if self._live:
            raise SourceError(f"{self._display}: the far end closed the connection")
        if not shown:
            raise SourceError(
                f"{self._display}: not one picture of it can be decoded: it is damaged or incomplete",
                permanent=True,
                reason="not a readable video",
            )

    def _demux(self) -> Iterator[Any]:
        packets = iter(self._container.demux(self._video))
        while True:
            began = time.monotonic()
            try:
                packet = next(packets, None)
            except av.error.EOFError:
                return
            except av.error.FFmpegError as error:
                timed_out = time.monotonic() - began >= self._read_timeout_s
                raise source_error(error, self._display, live=self._live, timed_out=timed_out) from None
            if packet is None:
                return
            yield packet


def _upright(pixels: Picture, rotation: float) -> Picture:
    """Turn the picture as a telephone's film asks for; `rotation` in degrees counter-clockwise."""
    turns = round(rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels
