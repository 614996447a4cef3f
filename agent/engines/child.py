"""The process that builds: an order on standard input, a line of JSON for each step on standard output.

{"stage": "building", "share": 0.4}     share is null where nobody knows
{"done": "fire-lite0-fp16-0123456789abcdef"}  or  {"failed": "why, and what to do"}
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Optional, TextIO

from agent.clock import SystemClock
from agent.engines.machine import find_toolkit
from agent.engines.make import make
from agent.engines.order import Order
from agent.errors import BeffroiError
from agent.inference.backend import Session
from agent.inference.bundle import Bundle
from agent.inference.engines import Engine
from agent.inference.tensorrt.session import TensorRtSession

_NICE = 10


def run(text: str, out: TextIO) -> int:
    """Carry out an order and say how it goes; returns the exit code."""

    def say(**words: object) -> None:
        out.write(json.dumps(words) + "\n")
        out.flush()

    def progress(stage: str, share: Optional[float]) -> None:
        say(stage=stage, share=share)

    try:
        order, toolkit = Order.from_json(text), find_toolkit()

        def opened(bundle: Bundle, engine: Engine) -> Session:
            return TensorRtSession(toolkit.modules, bundle, engine, order.recipe.dla_core)

        made = make(order, toolkit, opened, SystemClock(), progress)
    except BeffroiError as error:
        say(failed=str(error))
        return error.exit_code
    say(done=made.key.name)
    return 0


def stand_back() -> None:
    """Let the agent go first: in time, and where the memory runs out."""
    os.nice(_NICE)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


if __name__ == "__main__":
    stand_back()
    sys.exit(run(sys.stdin.read(), sys.stdout))
