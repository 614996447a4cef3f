"""The pytest fixture `telegram`; import it into the conftest.py (or test module) that uses it."""

from __future__ import annotations

from typing import Iterator

import pytest

from tests.fakes.telegram.server import TelegramServer


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    """A server with the real clock; at the end no call may have been one that no correct client makes."""
    with TelegramServer() as server:
        yield server
    assert server.violations == []
