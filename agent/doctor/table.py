"""Which checks there are, in the order in which they are told: one literal table.

A new check is a function of a subject, a line here, a test and a row in docs/doctor.md.
"""

from __future__ import annotations

from functools import partial
from typing import Callable, Dict, List

from agent.doctor import hardware, rights, setup, software, storage, system
from agent.doctor.engine import engine
from agent.doctor.finding import Finding
from agent.doctor.running import LIMIT_S, Check
from agent.doctor.subject import Subject

CHECKS: Dict[str, Callable[[Subject], Finding]] = {
    "device": software.device,
    "jetpack": software.jetpack,
    "python": software.python,
    "tensorrt": software.tensorrt,
    "cuda": software.cuda,
    "power-mode": hardware.power_mode,
    "clocks": hardware.clocks,
    "temperature": hardware.temperature,
    "throttling": hardware.throttling,
    "memory": hardware.memory_left,
    "disk": storage.room,
    "disk-wear": storage.wear,
    "clock": system.clock,
    "service": system.service,
    "journal": system.journal,
    "configuration": setup.configuration,
    "secrets": rights.secrets,
    "data-folder": rights.data_folder,
    "devices": rights.devices,
    "database": storage.database,
    "retention": storage.retention,
    "model": setup.model,
    "engine": engine,
}

_LIMITS_S = {"model": 60.0, "engine": 60.0, "tensorrt": 30.0, "retention": 30.0}
"""Those that read or load much on a slow device."""


def checks_of(subject: Subject) -> List[Check]:
    """Everything that needs no network."""
    return [
        Check(name, partial(function, subject), _LIMITS_S.get(name, LIMIT_S))
        for name, function in CHECKS.items()
    ]
