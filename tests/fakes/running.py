"""Runs a part's work in a thread for as long as a block lasts."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Callable, Iterator


@contextmanager
def running(run: Callable[[threading.Event], None], within_s: float = 20.0) -> Iterator[threading.Event]:
    """Yields the stop event; raises what the work raised, or TimeoutError where it does not end when told."""
    stop = threading.Event()
    with ThreadPoolExecutor(1, "under-test") as pool:
        work = pool.submit(run, stop)
        try:
            yield stop
        finally:
            stop.set()
            work.result(within_s)
