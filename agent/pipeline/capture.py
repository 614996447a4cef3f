"""Decode one camera for ever into its slot, and come back for ever when it is lost."""

from __future__ import annotations

import random
import threading
from typing import Optional

import structlog

from agent.domain.backoff import Backoff, BackoffSettings
from agent.errors import SourceError
from agent.pipeline.slot import Mailbox
from agent.pipeline.vigil import Vigil
from agent.ports import Clock, Frame, Source, Stream
from agent.telemetry import Telemetry

log = structlog.get_logger(__name__)

RECONNECT = BackoffSettings(first_s=0.5, cap_s=15.0)
_HOPELESS = BackoffSettings(first_s=15.0, cap_s=120.0)  # until a person acts; cameras lock users out
_HOLDS_AFTER_S = 5.0  # a connection that gave pictures for so long was worth making


class Capture:
    """One camera's thread. A replay ends by itself, or starts over with `loop`."""

    def __init__(
        self,
        camera: str,
        source: Source,
        mailbox: Mailbox,
        vigil: Vigil,
        clock: Clock,
        telemetry: Telemetry,
        *,
        reconnect: BackoffSettings = RECONNECT,
        rng: Optional[random.Random] = None,
        loop: bool = False,
    ) -> None:
        self._camera = camera
        self._source = source
        self._mailbox = mailbox
        self._vigil = vigil
        self._clock = clock
        self._telemetry = telemetry
        self._backoff = Backoff(reconnect, rng)
        self._hopeless = Backoff(_HOPELESS, rng)
        self._loop = loop
        self._said: Optional[str] = None

    def run(self, stop: threading.Event) -> None:
        """Capture until told to stop, or until a replay has ended."""
        while not stop.is_set():
            try:
                self._play(stop)
            except SourceError as error:
                self._vigil.lost(error)
                self._pause(error, stop)
                self._telemetry.reconnects.labels(self._camera).inc()
            else:
                if not self._loop and not stop.is_set():
                    self._vigil.finished()
                    log.info("replay ended", camera=self._camera, source=self._source.display)
                    return

    def _play(self, stop: threading.Event) -> None:
        """Returns at the end of a replay or when told to stop. Raises SourceError."""
        stream = self._source.open()
        try:
            self._vigil.opened()
            self._pump(stream, stop)
        finally:
            stream.close()

    def _pump(self, stream: Stream, stop: threading.Event) -> None:
        opened = self._clock.monotonic()
        index = 0
        while not stop.is_set():
            picture = stream.read()
            if picture is None:
                return
            frame = Frame(self._camera, picture.pixels, self._clock.moment(), picture.media_s, index)
            self._mailbox.put(frame)
            self._vigil.frame(frame)
            self._telemetry.frames.labels(self._camera).inc()
            if index == 0:
                log.info("camera plays", camera=self._camera, source=self._source.display)
            if frame.at.monotonic - opened >= _HOLDS_AFTER_S:
                self._backoff.reset()
                self._hopeless.reset()
                self._said = None
            index += 1

    def _pause(self, error: SourceError, stop: threading.Event) -> None:
        """Wait before the next attempt. What goes wrong is said once, not at every attempt."""
        delay_s = (self._hopeless if error.permanent else self._backoff).next_s()
        message = str(error)
        if message != self._said:
            self._said = message
            log.warning("camera lost", camera=self._camera, error=message, again_in_s=round(delay_s, 1))
        self._clock.wait(stop, delay_s)
