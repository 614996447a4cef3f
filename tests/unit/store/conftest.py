"""A database, a clock and the parts on them."""

from __future__ import annotations

from contextlib import closing
from typing import Iterator

import pytest

from agent.store.database import Database, open_database
from tests.fakes.clock import FakeClock
from tests.fakes.disk import fast_folder


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def database(clock: FakeClock) -> Iterator[Database]:
    with fast_folder() as folder, closing(open_database(folder / "beffroi.db", clock)) as database:
        yield database
