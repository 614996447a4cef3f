"""Whoever asks the analyser is answered by it, or told in time that it is busy, and then nothing happens."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import List

import pytest

from agent.controls import BusyError, UnknownIncidentError
from agent.pipeline import requests
from agent.pipeline.requests import Requests
from agent.ports import FireDetector
from tests.fakes.detector import FakeFireDetector
from tests.fakes.running import running

WITHIN_S = 20.0


@pytest.fixture
def asked() -> Requests:
    return Requests()


def serving(asked: Requests, detector: FireDetector, stop: threading.Event) -> None:
    pause = threading.Event()
    while not stop.is_set():
        asked.serve(detector)
        pause.wait(0.001)


def test_it_is_done_in_the_owners_thread_with_its_detector(asked: Requests) -> None:
    detector = FakeFireDetector()
    with running(lambda stop: serving(asked, detector, stop)):
        given, thread = asked.ask(lambda own: (own, threading.current_thread()), WITHIN_S)
    assert given is detector
    assert thread is not threading.current_thread()


def test_what_it_raises_is_raised_where_it_was_asked(asked: Requests) -> None:
    def refuse(_: FireDetector) -> None:
        raise UnknownIncidentError("no such incident")

    detector = FakeFireDetector()
    with running(lambda stop: serving(asked, detector, stop)):
        with pytest.raises(UnknownIncidentError, match="no such"):
            asked.ask(refuse, WITHIN_S)
        assert asked.ask(lambda _: 7, WITHIN_S) == 7, "the owner goes on"


def test_what_was_not_begun_in_time_never_is(asked: Requests) -> None:
    done: List[int] = []
    with pytest.raises(BusyError, match="did not answer"):
        asked.ask(lambda _: done.append(1), 0.0)
    asked.serve(FakeFireDetector())
    assert done == []


def test_a_full_queue_refuses(asked: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    full = Requests()
    for _ in range(requests._MOST_WAITING):
        with pytest.raises(BusyError, match="did not answer"):
            full.ask(lambda _: None, 0.0)
    with pytest.raises(BusyError, match="wait already"):
        full.ask(lambda _: None, 0.0)
    full.serve(FakeFireDetector())
    with pytest.raises(BusyError, match="did not answer"):
        full.ask(lambda _: None, 0.0)


def test_what_has_begun_is_waited_for(asked: Requests) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(_: FireDetector) -> str:
        begun.set()
        assert go_on.wait(WITHIN_S)
        return "done"

    with ThreadPoolExecutor(2) as pool:
        answer = pool.submit(asked.ask, slow, 0.2)
        pool.submit(_serve_one, asked, begun)
        assert begun.wait(WITHIN_S)
        assert not answer.done()
        go_on.set()
        assert answer.result(WITHIN_S) == "done"


def _serve_one(asked: Requests, begun: threading.Event) -> None:
    while not begun.is_set():
        asked.serve(FakeFireDetector())


def test_what_hangs_is_not_waited_for_for_ever(asked: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "_UNDERWAY_S", 0.0)
    begun, go_on = threading.Event(), threading.Event()

    def hang(_: FireDetector) -> None:
        begun.set()
        go_on.wait(WITHIN_S)

    with ThreadPoolExecutor(2) as pool:
        answer = pool.submit(asked.ask, hang, 0.2)
        pool.submit(_serve_one, asked, begun)
        assert begun.wait(WITHIN_S)
        with pytest.raises(BusyError, match="hangs"):
            answer.result(WITHIN_S)
        go_on.set()


def test_an_owner_that_ends_leaves_nobody_waiting(asked: Requests) -> None:
    stop = threading.Event()

    def ending(own: Requests) -> None:
        while not stop.is_set():
            own.refuse()

    with ThreadPoolExecutor(1) as pool:
        owner = pool.submit(ending, asked)
        with pytest.raises(BusyError, match="stops or starts anew"):
            asked.ask(lambda _: None, WITHIN_S)
        stop.set()
        owner.result(WITHIN_S)
