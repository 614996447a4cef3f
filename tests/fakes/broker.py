"""A real mosquitto on a free port of this machine, with a configuration of its own."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import IO, Iterator, List, Optional

import pytest

from agent.config.settings import MqttSettings

READER = "mosquitto-log"
"""The name of the thread that reads what it says."""

_START_S = 10.0
_END_TRIES = 10
_PATH = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"


class Broker:
    """Started by `start`; `folder` holds its configuration and, with `persistent`, what survives a kill.

    `extra` are lines of mosquitto.conf; by default anybody may come in.
    """

    def __init__(
        self,
        folder: Path,
        extra: str = "allow_anonymous true",
        *,
        persistent: bool = False,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.host = host
        self.port = port or _free_port()
        self.log: List[str] = []
        self._folder = folder
        self._process: Optional[subprocess.Popen[str]] = None
        self._reader: Optional[threading.Thread] = None
        lines = [f"listener {self.port} {self.host}", extra, "log_type all", "user root"]
        if persistent:
            lines += [
                "persistence true",
                f"persistence_location {folder}/",
                "autosave_interval 1",
                "autosave_on_changes true",
            ]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "mosquitto.conf").write_text("\n".join([*lines, ""]))

    def settings(self, **changes: object) -> MqttSettings:
        """How the agent reaches it."""
        return MqttSettings.model_validate({"host": self.host, "port": self.port, **changes})

    def start(self) -> None:
        """Start it and wait until it listens."""
        program = shutil.which("mosquitto", path=_PATH)
        if program is None:
            pytest.skip("mosquitto is not installed (apt-get install mosquitto)")
        process = self._process = subprocess.Popen(
            [program, "-v", "-c", str(self._folder / "mosquitto.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        listening = threading.Event()
        assert process.stderr is not None
        self._reader = threading.Thread(
            target=self._read, args=(process.stderr, listening), name=READER, daemon=True
        )
        self._reader.start()
        started = listening.wait(_START_S) and process.poll() is None
        assert started, "mosquitto did not start:\n" + "\n".join(self.log)

    def pause(self) -> None:
        """SIGSTOP: it keeps its connections and says nothing."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM; harmless where it is already gone."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.resume()
            self._end(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        assert self._process is not None
        assert self._reader is not None
        for _ in range(_END_TRIES):
            self._signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                # mosquitto forgets a SIGTERM that reaches it between "running" and its main loop.
                self._process.wait(1)
                break
        else:
            raise TimeoutError("mosquitto does not end")
        self._reader.join(10)
        self._process = None

    def _read(self, stderr: IO[str], listening: threading.Event) -> None:
        with stderr:
            for line in stderr:
                self.log.append(line.rstrip())
                if line.rstrip().endswith("running"):
                    listening.set()
        listening.set()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker that lets anybody in, running for one test."""
    one = Broker(tmp_path / "mosquitto")
    one.start()
    yield one
    one.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
