"""Sees to it that the engine of the present key is there: built beside the agent, told where it fails."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Callable, Optional, Sequence

import structlog
from typing_extensions import Protocol

from agent.engines.machine import Find, NoToolkitError, Toolkit
from agent.engines.order import Order, key_of
from agent.engines.progress import Progress
from agent.engines.shelf import Failure, Shelf
from agent.engines.workshop import Workshop
from agent.errors import BeffroiError, EngineError
from agent.inference.bundle import load_bundle
from agent.ports import Clock

log = structlog.get_logger(__name__)

_LOADED_WITHIN_S = 60.0
_AGAIN_AFTER = timedelta(days=1)
"""What failed most likely fails again, and a build costs minutes of a device's power: daily is enough."""


class Keeper:
    """`run` looks once, builds where it must, and ends.

    `renew` is called when there is a new engine to look with; `runs` says whether one looks; `tell` is told
    why none does, or None when all is well. Until then, and after a failure, the agent looks with what it
    has.
    """

    def __init__(
        self,
        order: Callable[[], Order],
        find: Find,
        workshop: Workshop,
        renew: Callable[[], None],
        runs: Callable[[], bool],
        tell: Callable[[Optional[str]], None],
        clock: Clock,
    ) -> None:
        self._order = order
        self._find = find
        self._workshop = workshop
        self._renew = renew
        self._runs = runs
        self._tell = tell
        self._clock = clock

    def run(self, stop: threading.Event) -> None:
        """The work of a thread of its own."""
        try:
            self._keep(stop)
        except NoToolkitError as error:
            log.info("no engine is built here", why=str(error))
        except BeffroiError as error:
            if not stop.is_set():
                log.error("there is no engine, ONNX Runtime looks instead", error=str(error))
                self._tell(str(error))
            return
        if not stop.is_set():
            self._tell(None)

    def _keep(self, stop: threading.Event) -> None:
        """Returns where an engine looks, or the agent stops. Raises BeffroiError."""
        toolkit, order = self._find(), self._order()
        key = key_of(load_bundle(str(order.bundle)), order.recipe, toolkit)
        shelf = Shelf(order.data)
        there = shelf.get(key) is not None
        if there and self._runs():
            return
        self._not_in_vain(shelf.failure(key))
        if there:
            log.warning("the engine does not run, building it anew", engine=key.name)
        else:
            log.info("building an engine, ONNX Runtime looks meanwhile", engine=key.name)
        order = replace(order, anew=there)
        build_noted(self._workshop, shelf, order, toolkit, self._clock, stop, _logged())
        log.info("engine built", engine=key.name)
        self._renew()
        self._clock.wait(stop, _LOADED_WITHIN_S)
        if not (stop.is_set() or self._runs()):
            # It passed its check a moment ago: for want of memory, most likely.
            why = "the engine was built and is right, but does not run in the agent: the log says why"
            shelf.note_failure(key, why, self._clock.now())
            raise EngineError(why)

    def _not_in_vain(self, failed: Optional[Failure]) -> None:
        now = self._clock.now()
        if failed is not None and timedelta(0) <= now - failed.at < _AGAIN_AFTER:
            raise EngineError(
                f"{failed.why}\nIt is tried again after a day, or at once by `beffroi engines build`"
            )


class Keeps(Protocol):
    """What Keeper does."""

    def run(self, stop: threading.Event) -> None: ...


class Keepers:
    """Several keepers, one after the other in one thread: what matters most is built first."""

    def __init__(self, keepers: Sequence[Keeps]) -> None:
        self._keepers = keepers

    def run(self, stop: threading.Event) -> None:
        """The work of a thread of its own."""
        for keeper in self._keepers:
            if not stop.is_set():
                keeper.run(stop)


def build_noted(
    workshop: Workshop,
    shelf: Shelf,
    order: Order,
    toolkit: Toolkit,
    clock: Clock,
    stop: threading.Event,
    progress: Progress,
) -> None:
    """Have it built, and remember where it failed. Raises EngineError, and StoreError."""
    key = key_of(load_bundle(str(order.bundle)), order.recipe, toolkit)
    try:
        workshop.build(order, stop, progress)
    except EngineError as error:
        if not stop.is_set():
            shelf.note_failure(key, str(error), clock.now())
        raise


def _logged() -> Progress:
    """A line for each stage, not for each step."""
    said = ""

    def tell(stage: str, _share: Optional[float]) -> None:
        nonlocal said
        if stage != said:
            said = stage
            log.info("engine", stage=stage)

    return tell
