"""The port to the engines: where a backend that needs plans built on this device gets them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from typing_extensions import Protocol

from agent.inference.bundle import Bundle


@dataclass(frozen=True)
class Engine:
    """A plan that TensorRT built here: `precision` is fp32, fp16 or int8, `key` names it in logs."""

    plan: bytes
    precision: str
    key: str


class EngineShelf(Protocol):
    """The engines of this device."""

    def plan(self, bundle: Bundle) -> Optional[Engine]:
        """The engine to use for `bundle`, checked for damage; None where there is none yet.

        Builds nothing. Raises EngineError where this device can have none, StoreError where the disk fails.
        """


class EmptyShelf:
    """Implements EngineShelf for whoever has none: a benchmark, a command that needs no TensorRT."""

    def plan(self, bundle: Bundle) -> Optional[Engine]:
        return None
