"""What other threads ask of the thread that owns the detector and the fire policies."""

from __future__ import annotations

import queue
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, Callable, Iterator, Tuple, TypeVar

from agent.controls import BusyError
from agent.ports import FireDetector

T = TypeVar("T")
Work = Callable[[FireDetector], T]
"""Runs in the owner's thread; short, for every camera waits meanwhile."""

_MOST_WAITING = 64
_UNDERWAY_S = 30.0


class Requests:
    """A bounded queue; a full one refuses. `ask` is safe from any thread but the owner's own."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[Tuple[Future[Any], Work[Any]]] = queue.Queue(_MOST_WAITING)

    def ask(self, work: Work[T], within_s: float) -> T:
        """What `work` returns or raises. Raises BusyError where it did not begin within `within_s` seconds;
        then it never will."""
        asked: Future[T] = Future()
        try:
            self._waiting.put_nowait((asked, work))
        except queue.Full:
            raise BusyError(f"{_MOST_WAITING} requests wait already: try again in a moment") from None
        try:
            return asked.result(within_s)
        except CancelledError:
            raise BusyError("the analyser stops or starts anew: try again in a moment") from None
        except FutureTimeoutError:
            if asked.cancel():
                raise BusyError(f"the analyser did not answer within {within_s:g} s: try again") from None
        try:
            return asked.result(_UNDERWAY_S)
        except FutureTimeoutError:
            raise BusyError("the analyser has begun with it and hangs: look again later") from None

    def serve(self, detector: FireDetector) -> None:
        """Do all that waits; the owner's thread alone calls this."""
        for asked, work in self._taken():
            if asked.set_running_or_notify_cancel():
                _do(asked, work, detector)

    def refuse(self) -> None:
        """Let nobody wait in vain for an owner that ends."""
        for asked, _ in self._taken():
            asked.cancel()

    def _taken(self) -> Iterator[Tuple[Future[Any], Work[Any]]]:
        while True:
            try:
                yield self._waiting.get_nowait()
            except queue.Empty:
                return


def _do(asked: Future[Any], work: Work[Any], detector: FireDetector) -> None:
    try:
        asked.set_result(work(detector))
    except Exception as error:  # noqa: BLE001 - the asker's, raised in the asker's thread
        asked.set_exception(error)
