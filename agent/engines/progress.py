"""How far a build is: the stages of agent.engines.build, and within the longest what TensorRT tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, Optional

Progress = Callable[[str, Optional[float]], None]
"""Told the stage and, where it is known, how much of it is done (0..1)."""

BUILDING = "building"


def silent(stage: str, share: Optional[float]) -> None:
    """For who does not want to know."""


@dataclass
class _Phase:
    parent: Optional[str]
    steps: int
    done: int = 0


class Phases:
    """Turns TensorRT's nested phases into one share that never goes back."""

    def __init__(self, tell: Progress) -> None:
        self._tell = tell
        self._phases: Dict[str, _Phase] = {}
        self._share = 0.0

    def start(self, name: str, parent: Optional[str], steps: int) -> None:
        self._phases[name] = _Phase(parent, max(1, steps))

    def step(self, name: str, step: int) -> None:
        """Step `step` (from 0) of a phase is done."""
        if name in self._phases:
            self._phases[name].done = step + 1
        self._say()

    def finish(self, name: str) -> None:
        self._phases.pop(name, None)
        if not self._phases:
            self._share = 1.0
        self._say()

    def _say(self) -> None:
        roots = [name for name, phase in self._phases.items() if phase.parent not in self._phases]
        now = max((self._within(name) for name in roots), default=1.0)
        self._share = max(self._share, now)
        self._tell(BUILDING, self._share)

    def _within(self, name: str) -> float:
        phase = self._phases[name]
        inner = [self._within(other) for other, one in self._phases.items() if one.parent == name]
        return min(1.0, (phase.done + max(inner, default=0.0)) / phase.steps)


def monitor(trt: Any, tell: Progress) -> Any:
    """An IProgressMonitor that tells `tell`; None where this TensorRT has none (before 10)."""
    if not hasattr(trt, "IProgressMonitor"):
        return None
    phases = Phases(tell)

    class Monitor(trt.IProgressMonitor):  # type: ignore[misc]  # its base is known at run time only
        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)

        def phase_start(self, phase_name: str, parent_phase: Optional[str], num_steps: int) -> None:
            phases.start(phase_name, parent_phase, num_steps)

        def step_complete(self, phase_name: str, step: int) -> bool:
            phases.step(phase_name, step)
            return True

        def phase_finish(self, phase_name: str) -> None:
            phases.finish(phase_name)

    return Monitor()
