"""Has an engine built in a process of its own: what crashes, hangs or eats memory there is not the agent."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import tempfile
import threading
from typing import IO, Any, Dict, Optional, Sequence

from agent.engines.order import Order
from agent.engines.progress import Progress, silent
from agent.errors import EngineError
from agent.ports import Clock

LIMIT_S = 3600.0
"""A Xavier NX takes minutes for a classifier; what takes an hour hangs."""

_GLANCE_S = 0.2
_TAIL = 600
_COMMAND = (sys.executable, "-m", "agent.engines.child")


class Workshop:
    """Builds one at a time; `command` is the program that reads an order and tells how it goes."""

    def __init__(self, clock: Clock, limit_s: float = LIMIT_S, command: Sequence[str] = _COMMAND) -> None:
        self._clock = clock
        self._limit_s = limit_s
        self._command = command

    def build(self, order: Order, stop: threading.Event, progress: Progress = silent) -> None:
        """Return once the engine is on the shelf.

        Raises EngineError where it failed, took longer than the limit, or `stop` was set; nothing runs on.
        """
        with tempfile.TemporaryFile() as stderr:
            with subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr
            ) as process:
                try:
                    told = self._follow(process, order, stop, progress)
                finally:
                    process.kill()
            if told is not None and told.get("done"):
                return
            if told is not None:
                raise EngineError(str(told["failed"]))
            raise EngineError(_died(process.returncode, _tail(stderr)))

    def _follow(
        self, process: subprocess.Popen[bytes], order: Order, stop: threading.Event, progress: Progress
    ) -> Optional[Dict[str, Any]]:
        """Its last word; None where it ended without one."""
        lines: queue.Queue[Optional[bytes]] = queue.Queue()
        threading.Thread(target=_read, args=(process.stdout, lines), name="build", daemon=True).start()
        _send(process, order)
        deadline = self._clock.monotonic() + self._limit_s
        while True:
            try:
                line = lines.get(timeout=_GLANCE_S)
            except queue.Empty:
                if stop.is_set():
                    raise EngineError("the agent stops: the build was given up") from None
                if self._clock.monotonic() >= deadline:
                    raise EngineError(
                        f"the build took longer than {self._limit_s / 60:g} min and was given up: run "
                        "`beffroi engines build` while nothing else needs the device"
                    ) from None
                continue
            if line is None:
                process.wait()
                return None
            said = _understood(line)
            if said is None:
                continue
            if "stage" in said:
                progress(str(said["stage"]), said["share"])
            else:
                return said


def _send(process: subprocess.Popen[bytes], order: Order) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(order.to_json().encode())
        process.stdin.close()
    except BrokenPipeError:
        return  # it died already: what it left says why


def _read(stream: IO[bytes], lines: queue.Queue[Optional[bytes]]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)


def _understood(line: bytes) -> Optional[Dict[str, Any]]:
    """What a library prints in between is none of it."""
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _died(code: int, tail: str) -> str:
    how = f"was killed by signal {-code}" if code < 0 else f"ended with {code}"
    memory = ", perhaps for want of memory" if code == -9 else ""
    return f"the process that builds engines {how}{memory}: {tail or 'it left no word'}"


def _tail(stderr: IO[bytes]) -> str:
    """The end of what it printed."""
    length = stderr.seek(0, 2)
    stderr.seek(max(0, length - _TAIL))
    return " ".join(stderr.read().decode(errors="replace").split())
