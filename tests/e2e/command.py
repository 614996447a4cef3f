"""The `beffroi` command as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional

from tests.e2e.whole import PATIENCE_S, Document
from tests.fakes.waiting import until

_COMMAND = [sys.executable, "-m", "agent.cli"]


def beffroi(
    *arguments: str, cwd: Path, environ: Optional[Dict[str, str]] = None
) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        [*_COMMAND, *arguments],
        cwd=str(cwd),
        env={**os.environ, **(environ or {})},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def write_config(path: Path, config: Document) -> Path:
    """JSON is YAML."""
    path.write_text(json.dumps(config), encoding="utf-8")
    path.chmod(0o600)
    return path


class Daemon:
    """`beffroi run`; a context manager that leaves no process behind."""

    def __init__(self, config: Path, environ: Optional[Dict[str, str]] = None) -> None:
        self._log = config.parent / "daemon.log"
        self._read_from = self._log.stat().st_size if self._log.exists() else 0
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*_COMMAND, "run", str(config)],
                cwd=str(config.parent),
                env={**os.environ, **(environ or {})},
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> Daemon:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.kill()

    def log(self) -> str:
        """What this run said so far."""
        return self._log.read_bytes()[self._read_from :].decode()

    def said(self) -> List[Dict[str, Any]]:
        """Its log, a dictionary a line; the last line may still be being written."""
        return [json.loads(line) for line in self.log().split("\n")[:-1]]

    def wait_said(self, event: str, times: int = 1) -> None:
        """Wait until it logged the event so often."""

        def heard() -> bool:
            assert self._process.poll() is None, f"it ended before it said {event!r}:\n{self.log()}"
            return [line["event"] for line in self.said()].count(event) >= times

        until(heard, f"{event!r} is said", PATIENCE_S)

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        self.send(signal.SIGTERM)
        return self._process.wait(PATIENCE_S)

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.wait(PATIENCE_S)

    def kill_after(self, seconds: float) -> bool:
        """SIGKILL once so much time has passed; false where it had ended by itself."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return True
        return False
