from __future__ import annotations

from pathlib import Path
from typing import Iterator

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.telegram import TelegramServer
from tests.fakes.telegram.fixture import telegram_server
from tests.fakes.tower import Tower


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def telegram(clock: FakeClock) -> Iterator[TelegramServer]:
    """A server whose time is the test's."""
    with telegram_server(clock) as server:
        yield server


@pytest.fixture
def tower(tmp_path: Path, telegram: TelegramServer, clock: FakeClock) -> Iterator[Tower]:
    with Tower(tmp_path, telegram, clock) as built:
        yield built
