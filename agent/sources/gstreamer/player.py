"""A GStreamer pipeline that plays: its latest picture, what it was offered, and what went wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, List, Optional, Tuple

import cv2
import numpy as np
from typing_extensions import Protocol

from agent.ports import Picture
from agent.sources.gstreamer.faults import END, UNBUILDABLE, Fault
from agent.sources.gstreamer.pipelines import CODECS, Pipeline


@dataclass(frozen=True)
class Sample:
    """A picture, its time stamp in seconds and what lies between two of them, where the stream says so."""

    pixels: Picture
    stamp_s: Optional[float]
    gap_s: Optional[float]


class Player(Protocol):
    """What the stream needs of a pipeline; used by one thread."""

    offers: List[Tuple[str, str]]
    """Medium and encoding of each stream of an RTSP camera."""

    codec: Optional[str]
    """The codec of the stream that was taken; None while none was."""

    def pull(self, timeout_s: float) -> Optional[Sample]:
        """The latest picture that was not taken yet, or the next one within the time; None without one."""

    def fault(self) -> Optional[Fault]:
        """The first thing that went wrong; None while all is well."""

    def close(self) -> None:
        """Free everything; may be called twice."""


class GstPlayer:
    """Implements Player. GStreamer calls `_select` and `_link` in threads of its own."""

    def __init__(self, gst: Any, pipeline: Pipeline, middle: Optional[Callable[[str], str]] = None) -> None:
        """`middle` makes the text between camera and sink out of the codec, where they are not linked yet.

        Raises RuntimeError (GLib's) where GStreamer refuses the pipeline's text.
        """
        self.offers: List[Tuple[str, str]] = []
        self.codec: Optional[str] = None
        self._gst = gst
        self._middle = middle
        self._fault: Optional[Fault] = None
        self._pipeline = gst.parse_launch(pipeline.text)
        self._sink = self._pipeline.get_by_name("pictures")
        self._bus = self._pipeline.get_bus()
        self._camera = self._pipeline.get_by_name("camera")
        for name, value in pipeline.properties.items():
            self._camera.set_property(name, value)
        self._handlers: List[int] = []
        if middle is not None:
            self._handlers = [
                self._camera.connect("select-stream", self._select),
                self._camera.connect("pad-added", self._link),
            ]
        self._pipeline.set_state(gst.State.PLAYING)  # where that fails, the bus says why

    def pull(self, timeout_s: float) -> Optional[Sample]:
        sample = self._sink.try_pull_sample(round(timeout_s * self._gst.SECOND))
        return None if sample is None else self._sample(sample)

    def fault(self) -> Optional[Fault]:
        kinds = self._gst.MessageType.ERROR | self._gst.MessageType.EOS
        while self._fault is None:
            message = self._bus.pop_filtered(kinds)  # throws away all others, which would pile up
            if message is None:
                return END if self._sink.is_eos() else None
            if message.type == self._gst.MessageType.EOS:
                self._fault = END
            else:
                error, _ = message.parse_error()
                self._fault = Fault(error.domain, error.code)
        return self._fault

    def close(self) -> None:
        if self._pipeline is None:
            return
        for handler in self._handlers:
            self._camera.disconnect(handler)
        self._pipeline.set_state(self._gst.State.NULL)
        self._bus.set_flushing(True)
        self._pipeline = self._sink = self._bus = self._camera = self._middle = None

    def _sample(self, sample: Any) -> Sample:
        buffer, form = sample.get_buffer(), sample.get_caps().get_structure(0)
        known, rate, per_s = form.get_fraction("framerate")
        stamp = buffer.pts
        return Sample(
            self._pixels(buffer, form.get_value("height"), form.get_value("width")),
            None if stamp == self._gst.CLOCK_TIME_NONE else stamp / self._gst.SECOND,
            per_s / rate if known and rate > 0 else None,
        )

    def _pixels(self, buffer: Any, height: int, width: int) -> Picture:
        """BGR out of BGRx, whose lines have no padding: the sink asked for none."""
        _, mapped = buffer.map(self._gst.MapFlags.READ)
        try:
            four = np.frombuffer(mapped.data, np.uint8).reshape(height, width, 4)
            return np.asarray(cv2.cvtColor(four, cv2.COLOR_BGRA2BGR), np.uint8)
        finally:
            buffer.unmap(mapped)

    def _select(self, _camera: Any, _number: int, caps: Any) -> bool:
        """Take the first video that can be decoded; what is not taken is never sent."""
        form = caps.get_structure(0)
        medium = form.get_string("media") or "data"
        encoding = (form.get_string("encoding-name") or "unknown").upper()
        self.offers.append((medium, encoding))
        if self.codec is not None or medium != "video" or encoding not in CODECS:
            return False
        self.codec = encoding
        return True

    def _link(self, _camera: Any, pad: Any) -> None:
        pipeline, sink, middle, codec = self._pipeline, self._sink, self._middle, self.codec
        if pipeline is None or middle is None or codec is None:
            return  # closed meanwhile
        try:
            part = self._gst.parse_bin_from_description(middle(codec), True)
        except RuntimeError:
            self._fault = UNBUILDABLE
            return
        pipeline.add(part)
        part.link(sink)
        part.sync_state_with_parent()
        pad.link(part.get_static_pad("sink"))
