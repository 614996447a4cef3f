from __future__ import annotations

import threading

import pytest

from agent.clock import SystemClock
from agent.doctor import words
from agent.doctor.finding import Finding, Status, ok
from agent.doctor.running import Check, run_all
from agent.errors import StoreError


def raising(error: Exception) -> Check:
    def run() -> Finding:
        raise error

    return Check("bad", run, remedy="do this")


@pytest.mark.parametrize(
    ("error", "found", "remedy"),
    [
        (StoreError("the disk is gone"), "the disk is gone", "do this"),
        (PermissionError(13, "Permission denied"), "cannot be examined: Permission denied", "sudo"),
        (OSError("odd"), "cannot be examined: odd", "sudo"),
        (ZeroDivisionError("by zero"), "the check itself failed (ZeroDivisionError: by zero)", "report"),
    ],
)
def test_one_that_raises_has_failed(error: Exception, found: str, remedy: str) -> None:
    good = Check("good", lambda: ok("fine"))
    bad, fine = run_all([raising(error), good], SystemClock())
    assert (bad.name, bad.finding.status, bad.finding.found) == ("bad", Status.FAILED, found)
    assert remedy in (bad.finding.remedy or "")
    assert (fine.name, fine.finding) == ("good", ok("fine"))


def test_one_that_hangs_is_left_behind() -> None:
    release = threading.Event()

    def hang() -> Finding:
        release.wait(60)
        return ok("late")

    hung, good = run_all(
        [Check("hung", hang, 0.05, "unplug it"), Check("good", lambda: ok("fine"), 0.05)], SystemClock()
    )
    release.set()
    assert hung.finding == Finding(Status.FAILED, "no answer within 0.05 s", "unplug it")
    assert good.finding == ok("fine")


def test_they_run_side_by_side() -> None:
    met = threading.Barrier(3)

    def meet() -> Finding:
        met.wait(20)
        return ok("met")

    results = run_all([Check(name, meet) for name in "abc"], SystemClock())
    assert [(result.name, result.finding) for result in results] == [(name, ok("met")) for name in "abc"]


def test_none_to_run() -> None:
    assert run_all([], SystemClock()) == []


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 B"), (999, "999 B"), (1500, "2 kB"), (2.5e6, "2.5 MB"), (7e14, "700.0 TB")]
)
def test_sizes(number: float, text: str) -> None:
    assert words.size(number) == text
    assert words.share(0.416) == "42 %"
