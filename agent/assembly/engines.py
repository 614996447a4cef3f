"""The keeper of one agent's engines, put together from its settings, its watching and its trouble."""

from __future__ import annotations

from typing import Optional

from agent.assembly.trouble import DeviceTrouble
from agent.assembly.watching import Watching
from agent.config.settings import Settings
from agent.engines.keeper import Keeper
from agent.engines.machine import find_toolkit
from agent.engines.order import order
from agent.engines.workshop import Workshop
from agent.ports import Clock

TENSORRT = "tensorrt"
ENGINE = "engine"
"""The reason of the device's incident where there is no engine to look with."""


def make_keeper(
    settings: Settings, watching: Watching, trouble: DeviceTrouble, clock: Clock
) -> Optional[Keeper]:
    """None where the configuration wants no TensorRT: an engine that failed before is no trouble then."""
    if settings.fire.backend == "onnxruntime":
        trouble.tell(ENGINE, wrong=False)
        return None
    return Keeper(
        lambda: order(settings),
        find_toolkit,
        Workshop(clock),
        renew=watching.renew,
        runs=lambda: watching.model.backend == TENSORRT,
        tell=lambda why: trouble.tell(ENGINE, wrong=why is not None),
        clock=clock,
    )
