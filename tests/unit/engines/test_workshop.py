"""A process that builds, and every way in which it can end."""

from __future__ import annotations

import importlib.util
import sys
import threading
from pathlib import Path
from typing import List, Optional, Tuple

import pytest

from agent.clock import SystemClock
from agent.engines.order import Order
from agent.engines.workshop import Workshop
from agent.errors import EngineError
from tests.unit.engines.shapes import FP32

TOLD = """
import json, sys
order = json.loads(sys.stdin.read())
def say(words):
    print(json.dumps(words), flush=True)
"""


def build(
    program: str,
    *,
    stop: Optional[threading.Event] = None,
    limit_s: float = 60.0,
    progress: Optional[List[Tuple[str, Optional[float]]]] = None,
) -> None:
    told = [] if progress is None else progress
    workshop = Workshop(SystemClock(), limit_s, [sys.executable, "-c", program])
    wanted = Order(Path("/bundle"), Path("/data"), FP32)
    workshop.build(wanted, stop or threading.Event(), lambda stage, share: told.append((stage, share)))


def test_it_hands_over_the_order_and_follows_to_the_end() -> None:
    told: List[Tuple[str, Optional[float]]] = []
    build(
        TOLD + "print('a library speaks')\nprint('[1]')\n"
        "say({'stage': order['bundle'], 'share': 0.5})\nsay({'done': 'x'})",
        progress=told,
    )
    assert told == [("/bundle", 0.5)]


def test_a_failure_is_told_in_its_own_words() -> None:
    with pytest.raises(EngineError, match=r"^no memory: close other programs$"):
        build(TOLD + "say({'failed': 'no memory: close other programs'})")


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import os; os.kill(os.getpid(), 11)", "was killed by signal 11: it left no word"),
        ("import os; os.kill(os.getpid(), 9)", "was killed by signal 9, perhaps for want of memory"),
        ("import sys; sys.exit('no module named\\n  tensorrt')", "ended with 1: no module named tensorrt"),
        (TOLD + "say({'stage': 'building', 'share': None})", "ended with 0: it left no word"),
    ],
)
def test_one_that_dies_is_no_more_than_an_error(program: str, said: str) -> None:
    with pytest.raises(EngineError, match=said):
        build(program)


def test_one_that_hangs_is_given_up() -> None:
    with pytest.raises(EngineError, match="took longer than 0 min and was given up"):
        build("import time; time.sleep(600)", limit_s=0.0)


def test_it_ends_with_the_agent() -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(EngineError, match="the agent stops"):
        build("import time; time.sleep(600)", stop=stop)


def test_the_real_one_says_that_there_is_no_tensorrt(tmp_path: Path) -> None:
    if _importable("tensorrt"):
        pytest.skip("TensorRT is installed here")
    wanted = Order(tmp_path, tmp_path, FP32)
    with pytest.raises(EngineError, match="tensorrt cannot be imported"):
        Workshop(SystemClock()).build(wanted, threading.Event())


def _importable(name: str) -> bool:
    return importlib.util.find_spec(name) is not None
