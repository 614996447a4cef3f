"""Everything that ties a plan to where it was built, as one key: where it changes, the plan is void."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Dict, Optional, Tuple

from agent.inference.bundle import Bundle

BUILDER = 1
"""Raised whenever agent.engines.build makes something else of the same bundle and recipe."""

_DIGEST = 16


@dataclass(frozen=True)
class Machine:
    """What runs a plan: TensorRT's version, the GPU's name and its compute capability, such as `8.7`."""

    tensorrt: str
    gpu: str
    compute_capability: str


@dataclass(frozen=True)
class Recipe:
    """How a plan is to be built: the wanted precision, `fp32`, `fp16` or `int8`; the least, best and most
    pictures in a batch; workspace in MiB; the DLA core, or None for the GPU; a digest of the calibration
    pictures where they count.
    """

    precision: str
    batches: Tuple[int, int, int]
    workspace_mb: int
    dla_core: Optional[int] = None
    calibration: Optional[str] = None


@dataclass(frozen=True)
class EngineKey:
    """One plan: `precision` is what comes out, `shape` channels, height and width of the input `tensor`."""

    bundle: str
    model_sha256: str
    precision: str
    tensor: str
    shape: Tuple[int, int, int]
    machine: Machine
    recipe: Recipe
    builder: int = BUILDER

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits over all of it."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST]

    @property
    def name(self) -> str:
        """What its files are called, such as `fire-lite0-fp16-0123456789abcdef`."""
        return f"{self.bundle}-{self.precision}-{self.digest}"

    def replaces(self, other: EngineKey) -> bool:
        """Whether both run the same model at the same place on the same machine and take the same batches,
        however built."""
        return self._runs() == other._runs()

    def _runs(self) -> Tuple[object, ...]:
        recipe = self.recipe
        return self.model_sha256, self.tensor, self.shape, self.machine, recipe.batches, recipe.dla_core


def engine_key(bundle: Bundle, machine: Machine, recipe: Recipe, precision: str) -> EngineKey:
    """The key of what `recipe` makes of `bundle` on `machine`, which comes out in `precision`."""
    manifest = bundle.manifest
    shape = (3, manifest.input.height, manifest.input.width)
    return EngineKey(manifest.name, manifest.sha256, precision, manifest.input.name, shape, machine, recipe)


def to_json(key: EngineKey) -> Dict[str, Any]:
    """The key for people and for `from_json`."""
    return asdict(key)


def from_json(value: Any) -> EngineKey:
    """The key that `to_json` wrote; raises KeyError, TypeError or ValueError where it is none."""
    recipe = dict(value["recipe"])
    least, best, most = (int(number) for number in recipe.pop("batches"))
    channels, height, width = (int(number) for number in value["shape"])
    rest = {name: value[name] for name in ("bundle", "model_sha256", "precision", "tensor", "builder")}
    return EngineKey(
        shape=(channels, height, width),
        machine=Machine(**value["machine"]),
        recipe=Recipe(batches=(least, best, most), **recipe),
        **rest,
    )
