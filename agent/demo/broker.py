"""An MQTT broker for the demonstration: mosquitto where it is installed, else one in this process."""

from __future__ import annotations

import asyncio
import logging
import shutil
import socket
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Dict, Iterator, Optional

from agent.errors import BeffroiError

_START_S = 10.0
_ANYBODY = "amqtt.plugins.authentication.AnonymousAuthPlugin"


@contextmanager
def broker() -> Iterator[Broker]:
    """A broker on a free port of the loopback address, stopped at the end."""
    port = _free_port()
    program = _mosquitto()
    if program is None:
        with _embedded(port):
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
        process = subprocess.Popen(
            [program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _wait_until_listening(port)
            yield
        finally:
            process.terminate()
            process.wait(5)


@contextmanager
def _embedded(port: int) -> Iterator[None]:
    try:
        from amqtt.broker import Broker as EmbeddedBroker
    except ImportError as error:
        raise BeffroiError(
            "no MQTT broker: install mosquitto (apt install mosquitto) or the embedded one "
            "(pip install 'beffroi[demo]')"
        ) from error
    logging.getLogger("amqtt").setLevel(logging.CRITICAL)
    logging.getLogger("transitions").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="demo-broker", daemon=True)
    thread.start()
    config: Dict[str, Any] = {"listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}}}
    if version("amqtt").startswith("0.10."):  # the last for Python 3.8
        config.update({"auth": {"allow-anonymous": True}, "topic-check": {"enabled": True, "plugins": []}})
    else:
        config["plugins"] = {_ANYBODY: {"allow_anonymous": True}}

    async def start() -> EmbeddedBroker:
        embedded = EmbeddedBroker(config)
        await embedded.start()
        return embedded

    try:
        running = asyncio.run_coroutine_threadsafe(start(), loop).result(_START_S)
        _wait_until_listening(port)
        yield
        asyncio.run_coroutine_threadsafe(running.shutdown(), loop).result(_START_S)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_START_S)
        loop.close()


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
