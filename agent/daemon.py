"""The life of the daemon: signals, systemd, the watchdog, and reloading without losing what works."""

from __future__ import annotations

import _thread
import signal
import threading
from types import FrameType
from typing import Callable, List, Optional

import structlog

from agent.config.settings import Settings
from agent.errors import BeffroiError
from agent.ports import Clock
from agent.service import Agent
from agent.systemd import Notifier

log = structlog.get_logger(__name__)

_BEAT_S = 1.0
_HUNG_AFTER_S = 20.0

Load = Callable[[], Settings]
"""Reads the configuration; raises BeffroiError."""

Make = Callable[[Settings], Agent]


class Daemon:
    """Runs one agent until SIGTERM or SIGINT; SIGHUP reads the configuration again.

    systemd hears READY once the agent watches, and WATCHDOG only while new frames are really looked at.
    """

    def __init__(self, load: Load, make: Make, clock: Clock, notifier: Notifier) -> None:
        self._load = load
        self._make = make
        self._clock = clock
        self._notifier = notifier
        self._wake = threading.Event()
        self._stopping = False
        self._reloading = False
        self._ready = False
        self._refused = False
        self._trouble: Optional[str] = None

    def run(self) -> List[str]:
        """Until told to stop; returns the threads that did not end. Raises BeffroiError where the
        configuration cannot be used at the start."""
        agent = self._make(self._load())
        agent.start()
        log.info("agent started")
        while not self._stopping:
            if self._reloading:
                agent = self._reload(agent)
            self._beat(agent)
            self._clock.wait(self._wake, _BEAT_S)
        self._notifier.stopping()
        stuck = agent.stop()
        log.info("agent stopped", left_behind=stuck)
        return stuck

    def handle_signals(self) -> None:
        """Take over SIGTERM, SIGINT and SIGHUP; main thread only."""
        signal.signal(signal.SIGTERM, self._on_stop)
        signal.signal(signal.SIGINT, self._on_stop)
        signal.signal(signal.SIGHUP, self._on_reload)

    def stop(self) -> None:
        """Ask it to end; any thread."""
        self._stopping = True
        self._wake.set()

    def reload(self) -> None:
        """Ask it to read the configuration again; any thread."""
        self._reloading = True
        self._wake.set()

    # A handler may interrupt the wait while it holds the event's lock: another thread must set the event.

    def _on_stop(self, number: int, frame: Optional[FrameType]) -> None:
        self._stopping = True
        _thread.start_new_thread(self._wake.set, ())

    def _on_reload(self, number: int, frame: Optional[FrameType]) -> None:
        self._reloading = True
        _thread.start_new_thread(self._wake.set, ())

    def _beat(self, agent: Agent) -> None:
        if not self._ready and agent.ready:
            self._ready = True
            self._notifier.ready(self._status(agent))
        watchdog_s = self._notifier.watchdog_s
        trouble = agent.trouble(min(_HUNG_AFTER_S, watchdog_s / 2) if watchdog_s else _HUNG_AFTER_S)
        if trouble is None:
            self._notifier.watchdog()
            self._notifier.status(self._status(agent))
        elif trouble != self._trouble:
            log.error("the watch has stopped", reason=trouble)
        self._trouble = trouble

    def _status(self, agent: Agent) -> str:
        """A line for `systemctl status`."""
        refused = "; the new configuration was refused, the journal says why" if self._refused else ""
        return agent.summary() + refused

    def _reload(self, agent: Agent) -> Agent:
        """The agent under the new configuration, or under the old one where the new cannot be used.

        systemd hears READY, which ends the reload, at the first beat at which the agent watches.
        """
        self._wake.clear()
        self._reloading = False
        self._ready = False
        self._refused = False
        self._notifier.reloading(self._clock.monotonic())
        try:
            settings = self._load()
        except BeffroiError as error:
            self._refused = True
            log.error("configuration not reloaded, the old one stays in force", error=str(error))
            return agent
        if settings != agent.settings:
            agent = self._exchange(agent, settings)
        log.info("configuration reloaded")
        return agent

    def _exchange(self, old: Agent, settings: Settings) -> Agent:
        old.stop()
        new = self._make(settings)
        try:
            new.start()
        except BeffroiError as error:
            self._refused = True
            log.error("the new configuration does not start, back to the old one", error=str(error))
            new = self._make(old.settings)
            new.start()
        return new
