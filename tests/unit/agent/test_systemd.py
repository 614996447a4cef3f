from __future__ import annotations

import io
import os
import socket
from pathlib import Path
from typing import Iterator

import pytest

from agent.systemd import Notifier, goes_to_journal


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        yield listener


def test_it_speaks_sd_notify(systemd: socket.socket) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": "30000000"})
    assert notifier.watchdog_s == 30.0
    notifier.ready("watching 2 cameras")
    notifier.watchdog()
    notifier.status("1 camera blind")
    notifier.reloading(12.5)
    notifier.stopping()
    assert [systemd.recv(200).decode() for _ in range(5)] == [
        "READY=1\nSTATUS=watching 2 cameras",
        "WATCHDOG=1",
        "STATUS=1 camera blind",
        "RELOADING=1\nMONOTONIC_USEC=12500000",
        "STOPPING=1",
    ]


def test_an_abstract_socket_is_reached() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0beffroi-test")
        listener.settimeout(5)
        Notifier({"NOTIFY_SOCKET": "@beffroi-test"}).watchdog()
        assert listener.recv(100) == b"WATCHDOG=1"


def test_without_systemd_nothing_happens() -> None:
    notifier = Notifier({})
    notifier.ready("alone")
    assert not notifier.under_systemd
    assert notifier.watchdog_s is None


def test_a_systemd_that_is_gone_or_does_not_read_is_no_reason_to_end(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    Notifier({"NOTIFY_SOCKET": address}).watchdog()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        for _ in range(2000):
            Notifier({"NOTIFY_SOCKET": address}).watchdog()
    Notifier({"NOTIFY_SOCKET": address}).watchdog()


def test_a_stream_is_the_journal_where_systemd_says_so(tmp_path: Path) -> None:
    with (tmp_path / "stream").open("w") as stream:
        status = os.fstat(stream.fileno())
        assert goes_to_journal(stream, {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
        assert not goes_to_journal(stream, {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino + 1}"})
        assert not goes_to_journal(stream, {})
    assert not goes_to_journal(io.StringIO(), {"JOURNAL_STREAM": "1:2"})
