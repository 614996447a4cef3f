"""One builder at a time: a lock on a file, which the kernel lifts when its holder dies."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Iterator

from agent.store.durable import make_folders
from agent.store.errors import file_errors


@contextmanager
def building(folder: Path, waits: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of `folder`; `waits` is called where another process holds it. Raises StoreError."""
    path = folder / "lock"
    with file_errors(path):
        make_folders(folder)
        file = path.open("a")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waits()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
