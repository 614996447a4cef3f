"""The thread that owns an engine, without an engine."""

from __future__ import annotations

import threading
from typing import List

import pytest
from structlog.testing import capture_logs

from agent.errors import InferenceError
from agent.inference.tensorrt.owner import Owner


class Thing:
    """Notes the thread that lets it go."""

    def __init__(self, freed_by: List[str]) -> None:
        self._freed_by = freed_by

    def __del__(self) -> None:
        self._freed_by.append(threading.current_thread().name)


def start(limit_s: float = 20.0) -> Owner:
    return Owner("owner", limit_s)


def nothing() -> None:
    """The last work of an owner that owns nothing."""


def running() -> List[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "owner"]


def test_work_is_done_in_the_owners_thread_and_answered() -> None:
    owner = start()
    assert owner.call("ask", lambda: threading.current_thread().name) == "owner"
    owner.end(nothing)
    assert not running()


def test_an_exception_is_raised_at_who_asked_and_the_owner_lives_on() -> None:
    owner = start()

    def fail() -> None:
        raise InferenceError("no")

    with capture_logs() as lines, pytest.raises(InferenceError, match="no"):
        owner.call("fail", fail)
    assert lines == []
    assert owner.call("ask", lambda: 7) == 7
    owner.end(nothing)


def test_an_error_that_nobody_foresaw_is_logged_where_its_trace_is() -> None:
    owner = start()
    with capture_logs() as lines, pytest.raises(ZeroDivisionError):
        owner.call("divide", lambda: 1 // 0)
    assert [line["event"] for line in lines] == ["the owner of an engine fails"]
    owner.end(nothing)


def test_what_a_failure_held_is_freed_by_the_owner() -> None:
    owner = start()
    freed_by: List[str] = []

    def fail() -> None:
        thing = Thing(freed_by)
        try:
            owner.no_such_attribute(thing)  # type: ignore[attr-defined]
        except AttributeError as error:
            raise InferenceError("it failed") from error

    with pytest.raises(InferenceError) as kept:
        owner.call("fail", fail)
    assert freed_by == ["owner"]
    assert kept.value.__cause__ is not None
    owner.end(nothing)


def test_long_chains_of_errors_are_followed_for_a_while_only() -> None:
    owner = start()

    def fail() -> None:
        error: BaseException = InferenceError("first")
        for _ in range(20):
            following = InferenceError("next")
            following.__cause__ = error
            error = following
        raise error

    with pytest.raises(InferenceError, match="next"):
        owner.call("fail", fail)
    owner.end(nothing)


def test_after_the_end_nothing_is_done() -> None:
    owner = start()
    last: List[str] = []
    owner.end(lambda: last.append(threading.current_thread().name))
    assert last == ["owner"]
    with pytest.raises(InferenceError, match="the session is closed"):
        owner.call("ask", nothing)


def test_an_end_that_fails_says_so_and_ends_all_the_same() -> None:
    owner = start()
    with pytest.raises(ZeroDivisionError):
        owner.end(lambda: 1 // 0)
    assert not running()


def test_an_owner_that_hangs_is_given_up_and_does_its_last_when_it_can() -> None:
    owner, go, last = start(0.1), threading.Event(), threading.Event()
    with pytest.raises(InferenceError, match=r"TensorRT did not wait within 0\.1 s.*Restart the agent"):
        owner.call("wait", lambda: go.wait(20))
    with pytest.raises(InferenceError, match="did not wait"):
        owner.call("ask", nothing)
    owner.end(last.set)
    assert not last.is_set()
    go.set()
    assert last.wait(20)


def test_an_end_that_hangs_is_not_waited_for() -> None:
    owner, go = start(0.1), threading.Event()
    owner.end(lambda: go.wait(20))
    go.set()


def test_the_end_comes_though_somebody_else_has_the_turn() -> None:
    owner, go, entered, last = start(0.1), threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        entered.set()
        go.wait(20)

    owner._turn.acquire()
    owner._hand_over(work)
    assert entered.wait(20)
    with pytest.raises(InferenceError, match="did not ask"):
        owner.call("ask", nothing)
    owner.end(last.set)
    go.set()
    assert last.wait(20)
    owner._turn.release()
