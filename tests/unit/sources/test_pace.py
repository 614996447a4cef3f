"""A replay in real time keeps the pace of the clock."""

from __future__ import annotations

import threading

from agent.sources.pace import PacedSource
from tests.fakes.clock import FakeClock
from tests.fakes.sources import ScriptedSource, picture


def test_each_picture_is_due_at_its_media_time() -> None:
    clock = FakeClock()
    script = [picture(0, 0.0), picture(1, 0.5), picture(2, 2.0), None]
    source = PacedSource(ScriptedSource([script], threading.Event(), live=False), clock)
    stream = source.open()
    read_at = []
    while stream.read() is not None:
        read_at.append(clock.monotonic())
    assert read_at == [0.0, 0.5, 2.0]
    assert source.display == "scripted"
    assert not source.live


def test_a_late_reader_is_not_held_up() -> None:
    clock = FakeClock()
    script = [picture(0, 0.0), picture(1, 0.5), None]
    stream = PacedSource(ScriptedSource([script], threading.Event(), live=False), clock).open()
    stream.read()
    clock.advance(3.0)
    stream.read()
    assert clock.monotonic() == 3.0


def test_closing_closes_what_is_behind() -> None:
    behind = ScriptedSource([[None]], threading.Event(), live=False)
    PacedSource(behind, FakeClock()).open().close()
    assert behind.closed == 1
