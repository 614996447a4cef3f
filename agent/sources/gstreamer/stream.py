"""The pictures of a pipeline that plays, and what its faults mean."""

from __future__ import annotations

from typing import Callable, Optional

from agent.errors import SourceError
from agent.ports import Clock, StreamPicture
from agent.sources.gstreamer.faults import Fault, nothing_decoded, offer_words
from agent.sources.gstreamer.player import Player, Sample
from agent.sources.media_clock import MediaClock
from agent.sources.words import SILENT, Words

Explain = Callable[[Fault, bool], Words]
"""What a fault means for one kind of camera; the flag: pictures came before."""

_SLICE_S = 0.1  # how soon an error ends the wait for a picture
_USUAL_GAP_S = 1 / 25


class GStreamerStream:
    """Implements agent.ports.Stream; owns the player."""

    def __init__(
        self, player: Player, display: str, clock: Clock, explain: Explain, read_timeout_s: float
    ) -> None:
        self._player = player
        self._display = display
        self._clock = clock
        self._explain = explain
        self._read_timeout_s = read_timeout_s
        self._first: Optional[Sample] = None
        self._media: Optional[MediaClock] = None

    def start(self, open_timeout_s: float) -> None:
        """Wait for the first picture. Raises SourceError."""
        self._first = self._next(open_timeout_s)
        self._media = MediaClock(self._first.gap_s or _USUAL_GAP_S)

    def read(self) -> Optional[StreamPicture]:
        sample = self._first or self._next(self._read_timeout_s)
        self._first = None
        assert self._media is not None
        return StreamPicture(sample.pixels, self._media.at(sample.stamp_s))

    def close(self) -> None:
        self._player.close()

    def _next(self, timeout_s: float) -> Sample:
        deadline = self._clock.monotonic() + timeout_s
        while True:
            fault = self._player.fault()
            if fault is not None:
                raise self._lost(fault)
            left_s = deadline - self._clock.monotonic()
            sample = self._player.pull(min(max(left_s, 0.0), _SLICE_S))
            if sample is not None:
                return sample
            if left_s <= 0:
                raise self._silent(timeout_s)

    def _lost(self, fault: Fault) -> SourceError:
        # GStreamer calls it an internal error when it was offered nothing that was taken.
        words = offer_words(self._player.offers) or self._explain(fault, self._media is not None)
        return words.error(self._display)

    def _silent(self, after_s: float) -> SourceError:
        codec = self._player.codec
        unusable = offer_words(self._player.offers)
        if unusable is None and codec is not None and self._media is None:
            unusable = nothing_decoded(codec, after_s)
        return (unusable or SILENT).error(self._display)
