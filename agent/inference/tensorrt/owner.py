"""The thread that owns an engine: everything of TensorRT and CUDA is made, used and freed in it.

PyCUDA frees memory only in the thread that allocated it, and a CUDA context is current in one thread.
"""

from __future__ import annotations

import threading
import traceback
from typing import Any, Callable, List, Optional

import structlog

from agent.errors import BeffroiError, InferenceError

log = structlog.get_logger(__name__)

_CAUSES = 8


class Owner:
    """Carries out one piece of work at a time, handed over by any thread, which waits for the answer.

    Nothing is queued: who comes while it works waits for a turn, at most `limit_s` seconds, and then as long
    for the answer. One that does not answer in time is given up for good: a thread in a hung driver cannot
    be ended.
    """

    def __init__(self, name: str, limit_s: float) -> None:
        self._limit_s = limit_s
        self._turn = threading.Lock()
        self._given = threading.Semaphore(0)
        self._work: List[_Work] = []
        self._stuck: Optional[str] = None
        self._ended = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def call(self, what: str, work: Callable[[], Any], limit_s: Optional[float] = None) -> Any:
        """The answer of `work`, or its exception; `limit_s` where it may take longer than usual.

        Raises InferenceError where none comes in time, and after `end`.
        """
        if not self._turn.acquire(timeout=self._limit_s):
            raise InferenceError(self._late(what))
        try:
            if self._stuck is not None:
                raise InferenceError(self._stuck)
            if self._ended:
                raise InferenceError("the session is closed")
            handed = self._hand_over(work)
            if not handed.done.wait(limit_s or self._limit_s):
                self._stuck = self._late(what, limit_s)
                raise InferenceError(self._stuck)
        finally:
            self._turn.release()
        return handed.outcome()

    def end(self, last: Callable[[], object]) -> None:
        """Have `last` done after all that was begun, and end the thread; to be called once.

        Waits for it within limits and raises what it raises; a thread that hangs does it should it come back.
        """
        mine = self._turn.acquire(timeout=self._limit_s)
        try:
            self._ended = True
            handed = self._hand_over(last)
        finally:
            if mine:
                self._turn.release()
        if mine and self._stuck is None and handed.done.wait(self._limit_s):
            self._thread.join(self._limit_s)
            handed.outcome()

    def _hand_over(self, work: Callable[[], Any]) -> _Work:
        handed = _Work(work)
        self._work.append(handed)
        self._given.release()
        return handed

    def _late(self, what: str, limit_s: Optional[float] = None) -> str:
        return (
            f"TensorRT did not {what} within {limit_s or self._limit_s:g} s: the GPU or its driver hangs. "
            "Restart the agent, and the device if it happens again"
        )

    def _run(self) -> None:
        while not self._ended or self._work:
            self._given.acquire()
            self._work.pop().carry_out()


class _Work:
    """One piece of work, and what came of it."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.done = threading.Event()
        self._work: Optional[Callable[[], Any]] = work
        self._answer: Any = None
        self._error: Optional[BaseException] = None

    def carry_out(self) -> None:
        assert self._work is not None
        try:
            self._answer = self._work()
        except BaseException as error:  # the top of a thread: it is raised at who asked
            if not isinstance(error, BeffroiError):
                log.exception("the owner of an engine fails")
            forget(error)
            self._error = error
        self._work = None
        self.done.set()

    def outcome(self) -> Any:
        if self._error is not None:
            raise self._error
        return self._answer


def forget(error: BaseException) -> None:
    """Let go of what the frames of an error hold: it must not be freed wherever the error is dropped.

    The trace goes too: from Python 3.11 on a cleared frame still holds its function with all it closed over.
    """
    one: Optional[BaseException] = error
    for _ in range(_CAUSES):
        if one is None:
            return
        traceback.clear_frames(one.__traceback__)
        one.__traceback__ = None
        one = one.__cause__ or one.__context__
