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
from typing import Callable, Optional, TextIO

from agent.clock import SystemClock
from agent.engines.machine import Toolkit, find_toolkit
from agent.engines.make import OpenPlan, make
from agent.engines.order import Order
from agent.errors import BeffroiError

_NICE = 10


def run(text: str, out: TextIO, find: Callable[[], Toolkit], opener: Callable[[Toolkit], OpenPlan]) -> int:
    """Carry out an order and say how it goes; returns the exit code."""

    def say(**words: object) -> None:
        out.write(json.dumps(words) + "\n")
        out.flush()

    def progress(stage: str, share: Optional[float]) -> None:
        say(stage=stage, share=share)

    try:
        toolkit = find()
        made = make(Order.from_json(text), toolkit, opener(toolkit), SystemClock(), progress)
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
