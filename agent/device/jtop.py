"""What jetson-stats knows, where it is installed: asked in a process of its own.

jetson-stats is under the AGPL: nothing of it is imported into the agent.
"""

from __future__ import annotations

import importlib.util
import json
import math
import sys
from dataclasses import dataclass, field
from typing import Any, Dict, Optional

from agent.device.commands import Ask

_PROBE = """
import json
from jtop import jtop
with jtop() as jetson:
    if jetson.ok():
        print(json.dumps({
            "mode": str(jetson.nvpmodel) if jetson.nvpmodel is not None else None,
            "gpu": next((each["status"]["load"] for each in jetson.gpu.values()), None),
            "temperatures": {
                name: each["temp"] for name, each in jetson.temperature.items() if each.get("online", True)
            },
        }))
"""


@dataclass(frozen=True)
class JtopFacts:
    """Power mode, GPU load 0 to 1, degrees Celsius by sensor; what it does not say is None or empty."""

    power_mode: Optional[str] = None
    gpu_load: Optional[float] = None
    temperatures_c: Dict[str, float] = field(default_factory=dict)


def is_installed() -> bool:
    return importlib.util.find_spec("jtop") is not None


def read_jtop(ask: Ask) -> JtopFacts:
    """Empty where jetson-stats or its service does not answer."""
    answer = ask([sys.executable, "-c", _PROBE])
    try:
        told = json.loads(answer.text.splitlines()[-1]) if answer is not None and answer.code == 0 else {}
        temperatures = {str(name): _finite(value) for name, value in (told.get("temperatures") or {}).items()}
        load = told.get("gpu")
        return JtopFacts(
            power_mode=told.get("mode") or None,
            gpu_load=None if load is None else min(1.0, max(0.0, _finite(load) / 100)),
            temperatures_c=temperatures,
        )
    except (ValueError, TypeError, AttributeError, IndexError, RecursionError):
        return JtopFacts()


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{number} is no reading")
    return number
