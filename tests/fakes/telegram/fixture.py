"""The pytest fixture `telegram`, and the same with a clock of the test's own."""

from __future__ import annotations

import contextlib
from typing import Iterator, Optional

import pytest

from tests.fakes.telegram.server import Clock, TelegramServer


@contextlib.contextmanager
def telegram_server(clock: Optional[Clock] = None) -> Iterator[TelegramServer]:
    """A server for a block; at the end no call may have been one that no correct client makes."""
    with TelegramServer(clock) as server:
        yield server
    assert not server.violations, "\n".join(server.violations)


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    """A server with the real clock; import it into the conftest.py that offers it."""
    with telegram_server() as server:
        yield server
