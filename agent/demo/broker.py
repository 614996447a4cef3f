"""An MQTT broker for the demonstration: mosquitto where it is installed, else one that is a package."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Iterator, Optional, Sequence

from agent.errors import BeffroiError

_START_S = 10.0


@contextmanager
def broker() -> Iterator[Broker]:
    """A broker on a free port of the loopback address, stopped at the end."""
    port = _free_port()
    program = _mosquitto()
    if program is None:
        if find_spec("amqtt") is None:
            raise BeffroiError(
                "no MQTT broker: install mosquitto (apt install mosquitto) or the embedded one "
                "(pip install 'beffroi[demo]')"
            )
        with _running([sys.executable, "-m", "agent.demo.embedded", str(port)], port):
            yield Broker("the embedded broker (amqtt)", port)
    else:
        with _mosquitto_running(program, port):
            yield Broker("mosquitto", port)


class Broker:
    """Where the broker listens; amqtt speaks MQTT 3.1.1 only, so the demonstration does too."""

    def __init__(self, name: str, port: int) -> None:
        self.name = name
        self.host = "127.0.0.1"
        self.port = port


def _mosquitto() -> Optional[str]:
    # Debian installs it in /usr/sbin, which is not on everyone's PATH.
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def _mosquitto_running(program: str, port: int) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="beffroi-broker-") as folder:
        config = Path(folder, "mosquitto.conf")
        config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
        with _running([program, "-c", str(config)], port):
            yield


@contextmanager
def _running(command: Sequence[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_listening(port)
        yield
    finally:
        process.terminate()
        process.wait(5)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_listening(port: int) -> None:
    pause = threading.Event()
    for _ in range(int(_START_S / 0.05)):
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        pause.wait(0.05)
    raise BeffroiError(f"the broker did not start listening on port {port} within {_START_S:.0f} s")
