"""Only the latest frame of a camera counts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from agent.pipeline.slot import Mailbox
from agent.ports import Frame
from tests.fakes.looks import at
from tests.fakes.sources import picture


def frame(camera: str, index: int) -> Frame:
    return Frame(camera, picture().pixels, at(index), float(index), index)


def test_a_frame_is_taken_once_and_stays_readable() -> None:
    mailbox = Mailbox()
    mailbox.put(frame("gate", 0))
    taken = mailbox.take("gate")
    assert taken is not None
    assert mailbox.take("gate") is None
    assert mailbox.latest("gate") is taken
    assert mailbox.latest("yard") is None


def test_a_newer_frame_replaces_one_that_nobody_took_and_the_loss_is_counted() -> None:
    mailbox = Mailbox()
    for index in range(3):
        mailbox.put(frame("gate", index))
    mailbox.put(frame("yard", 9))
    taken = mailbox.take("gate")
    assert taken is not None
    assert taken.index == 2
    assert mailbox.dropped("gate") == 2
    assert mailbox.dropped("yard") == 0
    mailbox.put(frame("gate", 3))
    assert mailbox.dropped("gate") == 2


def test_waiting_ends_with_nothing_where_nothing_comes() -> None:
    assert Mailbox().wait_fresh(0.0) == []


def test_one_reader_waits_for_whichever_camera_is_first() -> None:
    mailbox = Mailbox()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(mailbox.wait_fresh, 20.0)
        mailbox.put(frame("yard", 0))
        assert waiting.result(20.0) == ["yard"]
    mailbox.put(frame("gate", 0))
    assert sorted(mailbox.wait_fresh(0.0)) == ["gate", "yard"]
