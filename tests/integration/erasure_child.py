"""Erases person 1 from a data folder, as a command beside the agent does; dies at a given step of it.

    python -m tests.integration.erasure_child FOLDER STEP

STEP counts the calls, into the store's code and out of it into SQLite and the file system, from the first of
the erasure; at that one the process kills itself. With 0 it ends well and prints how many there were, and
whether everything was erased.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import Any

from agent import logs
from agent.clock import SystemClock
from agent.store.database import open_beside
from agent.store.erasure import Erasure
from tests.fakes.enrolled import people_store

_STORE = str(Path(__file__).parents[2] / "agent" / "store")
_OUTSIDE = ("execute", "commit", "unlink", "fsync", "do_execute", "do_commit")
_SQLITE = "sqlalchemy/engine/default.py"


def main(folder: Path, last: int) -> None:
    calls = 0

    def count(frame: FrameType, kind: str, called: Any) -> None:
        nonlocal calls
        where = frame.f_code.co_filename
        inside = kind == "call" and where.startswith(_STORE)
        outside = kind in ("c_call", "c_return") and getattr(called, "__name__", "") in _OUTSIDE
        if inside or (outside and (where.startswith(_STORE) or where.endswith(_SQLITE))):
            calls += 1
            if calls == last:
                os.kill(os.getpid(), signal.SIGKILL)

    clock = SystemClock()
    with (folder / "beffroi.log").open("a") as stream:
        logs.configure("debug", stream)
        with closing(open_beside(folder / "beffroi.db", clock)) as database:
            store = people_store(database, clock)
            erasure = Erasure(database, clock)
            os.write(1, b"ready\n")
            sys.setprofile(count)
            receipt = erasure.forget(1, "shell:root", store)
            sys.setprofile(None)
    os.write(1, f"{calls} {receipt.done_at is not None}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
