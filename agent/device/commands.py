"""Asks a program of the system, which may be missing, hang or never stop talking."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Callable, Optional, Sequence

_LIMIT = 256 * 1024


@dataclass(frozen=True)
class Answer:
    """How a program ended, and what it printed on standard output and standard error."""

    code: int
    text: str


Ask = Callable[[Sequence[str]], Optional[Answer]]
"""Runs a command; None where there is no such program, or it was ended for taking or saying too much."""


def ask(command: Sequence[str], limit_s: float = 8.0) -> Optional[Answer]:
    """Run it for `limit_s` seconds and 256 KiB of output at most, in English and without a terminal."""
    try:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "LC_ALL": "C", "SYSTEMD_PAGER": ""},
            start_new_session=True,
        )
    except OSError:
        return None
    overdue = threading.Event()

    def end() -> None:
        overdue.set()
        _kill(process)

    timer = threading.Timer(limit_s, end)
    timer.daemon = True
    timer.start()
    with process:
        assert process.stdout is not None
        output = process.stdout.read(_LIMIT + 1)
        endless = len(output) > _LIMIT
        if endless:
            _kill(process)
        code = process.wait()
        timer.cancel()
    if endless or overdue.is_set():
        return None
    return Answer(code, output.decode("utf-8", errors="replace").strip())


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With whatever it started, which would hold the pipe open."""
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
