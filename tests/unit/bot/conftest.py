"""A reception with everything behind it."""

from __future__ import annotations

from typing import Iterator

import pytest

from tests.fakes.lobby import Lobby, lobby


@pytest.fixture
def at() -> Iterator[Lobby]:
    with lobby() as made:
        yield made
