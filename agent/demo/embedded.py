"""A process that is an MQTT broker: `python -m agent.demo.embedded PORT`, until it is terminated."""

from __future__ import annotations

import asyncio
import sys
from importlib.metadata import version
from typing import Any, Dict

from amqtt.broker import Broker

_ANYBODY = "amqtt.plugins.authentication.AnonymousAuthPlugin"


async def serve(port: int) -> None:
    """Listen on the loopback address and let anybody in; MQTT 3.1.1 only."""
    config: Dict[str, Any] = {"listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}}}
    if version("amqtt").startswith("0.10."):  # the last for Python 3.8
        config.update({"auth": {"allow-anonymous": True}, "topic-check": {"enabled": True, "plugins": []}})
    else:
        config["plugins"] = {_ANYBODY: {"allow_anonymous": True}}
    broker = Broker(config)
    await broker.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
