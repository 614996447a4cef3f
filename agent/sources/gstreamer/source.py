"""RTSP, CSI and USB cameras through GStreamer."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Optional, Tuple

from agent.config.csi import parse_csi
from agent.errors import SourceError
from agent.ports import Clock
from agent.sources.address import display
from agent.sources.gstreamer import pipelines
from agent.sources.gstreamer.decoders import DECODERS, Decoder, lacking, pick
from agent.sources.gstreamer.faults import CANNOT_BUILD, csi_words, rtsp_words, usb_words
from agent.sources.gstreamer.player import GstPlayer
from agent.sources.gstreamer.runtime import elements_of, gstreamer
from agent.sources.gstreamer.stream import Explain, GStreamerStream
from agent.sources.words import Words

_ASK_AGAIN_S = 2.0  # how long a camera that cannot be opened may take to show why

Middle = Callable[[str], str]


class GStreamerSource:
    """Implements agent.ports.Source on `rtsp://`, `rtsps://`, `csi:0` and `/dev/video0`."""

    live = True

    def __init__(
        self,
        address: str,
        clock: Clock,
        *,
        transport: str = "tcp",
        open_timeout_s: float = 10.0,
        read_timeout_s: float = 5.0,
        decoder: Optional[str] = None,
        load: Callable[[str], Any] = gstreamer,
    ) -> None:
        """`decoder` forces one of decoders.DECODERS; `load` gives the module Gst or raises SourceError."""
        self._address = address
        self._clock = clock
        self._transport = transport
        self._open_timeout_s = open_timeout_s
        self._read_timeout_s = read_timeout_s
        self._decoder = decoder
        self._load = load

    @property
    def display(self) -> str:
        return display(self._address)

    def open(self) -> GStreamerStream:
        """Returns with the first picture at hand."""
        gst = self._load(self.display)
        has = elements_of(gst)
        decoder = pick(has) if self._decoder is None else DECODERS[self._decoder]
        try:
            pipeline, middle, explain = self._plan(decoder)
        except ValueError as error:
            raise Words("bad address", f"it {error}", permanent=True).error(self.display) from None
        texts = [pipeline.text] + ([middle(codec) for codec in pipelines.CODECS] if middle else [])
        missing = lacking(" ! ".join(texts), has)
        if missing is not None:
            raise missing.error(self.display)
        try:
            player = GstPlayer(gst, pipeline, middle)
        except RuntimeError:
            raise CANNOT_BUILD.error(self.display) from None
        stream = GStreamerStream(player, self.display, self._clock, explain, self._read_timeout_s)
        try:
            stream.start(self._open_timeout_s)
        except SourceError:
            stream.close()
            raise
        return stream

    def _plan(self, decoder: Decoder) -> Tuple[pipelines.Pipeline, Optional[Middle], Explain]:
        """The pipeline, what goes into it once the codec is known, and what its faults mean.

        Raises ValueError, whose text follows "it".
        """
        scheme = self._address.partition(":")[0].lower()
        if scheme == "csi":
            return pipelines.csi(parse_csi(self._address)), None, csi_words
        if scheme not in ("rtsp", "rtsps"):
            return pipelines.usb(self._address, decoder), None, usb_words
        address = pipelines.rtsp_address(self._address)
        return (
            pipelines.rtsp(address, self._transport, self._open_timeout_s),
            partial(pipelines.middle, decoder=decoder),
            partial(rtsp_words, host=address.host, port=address.port, patience_s=_ASK_AGAIN_S),
        )
