from __future__ import annotations

import threading
from pathlib import Path
from typing import List

import pytest

from agent.engines.lock import building
from agent.errors import StoreError

LIMIT_S = 20.0


def test_the_second_waits_for_the_first_and_is_told(tmp_path: Path) -> None:
    waits = threading.Event()
    order: List[str] = []

    def second() -> None:
        with building(tmp_path, waits.set):
            order.append("second")

    thread = threading.Thread(target=second, daemon=True)
    with building(tmp_path / ".", lambda: order.append("waited")):
        thread.start()
        assert waits.wait(LIMIT_S)
        order.append("first")
    thread.join(LIMIT_S)
    assert order == ["first", "second"]


def test_after_an_error_it_is_free(tmp_path: Path) -> None:
    with pytest.raises(KeyError), building(tmp_path, lambda: None):
        raise KeyError
    with building(tmp_path, lambda: pytest.fail("nobody holds it")):
        pass


def test_where_it_cannot_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    with pytest.raises(StoreError, match="lock"), building(tmp_path, lambda: None):
        pass
