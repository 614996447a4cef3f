"""What is to be built: as the configuration says it, and as it is told to the process that builds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Dict, Optional, Tuple

from agent.config.settings import Settings
from agent.engines import calibrate
from agent.engines.key import EngineKey, Recipe, engine_key
from agent.engines.machine import Toolkit
from agent.engines.precision import settle
from agent.inference.bundle import Bundle, load_bundle

BATCHES: Dict[str, Tuple[int, int, int]] = {
    # One picture to the four that the analyser looks at together. Kernels are chosen for four: with that many
    # cameras time is scarce, with one it is not.
    "fire-classification": (1, 4, 4),
    # A frame at a time; four where somebody has several looked at.
    "face-detection": (1, 1, 4),
    # The faces of one frame.
    "face-embedding": (1, 2, 8),
    # A frame at a time, as faces are.
    "object-detection": (1, 1, 4),
}
"""The least, best and most pictures in a batch, by task; a larger batch is looked at in parts."""


@dataclass(frozen=True)
class Order:
    """Build the bundle in the folder `bundle` by `recipe` for the agent whose data is in `data`; `anew` also
    where there is such an engine already."""

    bundle: Path
    data: Path
    recipe: Recipe
    anew: bool = False

    def to_json(self) -> str:
        return json.dumps({**asdict(self), "bundle": str(self.bundle), "data": str(self.data)})

    @classmethod
    def from_json(cls, text: str) -> Order:
        value = json.loads(text)
        recipe = value["recipe"]
        return cls(
            Path(value["bundle"]),
            Path(value["data"]),
            Recipe(**{**recipe, "batches": tuple(recipe["batches"])}),
            value["anew"],
        )


def order(settings: Settings, bundle: Optional[Bundle] = None, *, anew: bool = False) -> Order:
    """What the configuration asks for: of a bundle, that of fire if left out. Raises BundleError; EngineError
    where int8 must be calibrated and there are not enough pictures."""
    bundle = bundle or load_bundle(settings.fire.bundle, "fire-classification")
    return Order(bundle.folder.resolve(), settings.store.folder.resolve(), recipe(settings, bundle), anew)


def recipe(settings: Settings, bundle: Bundle) -> Recipe:
    """How the configuration has a bundle built. Raises EngineError as `order` does.

    Where int8 is wanted the bundles of faces and objects are built as fp16: the pictures to calibrate by are
    chosen for fire. For int8 they come quantised.
    """
    wanted, task = settings.tensorrt, bundle.manifest.task
    precision, shown = wanted.precision, None
    if precision == "int8" and task != "fire-classification":
        precision = "fp16"
    if precision == "int8" and bundle.manifest.precision == "fp32":
        shown = calibrate.digest(calibrate.calibration_pictures(settings.store.folder))
    return Recipe(precision, BATCHES[task], wanted.workspace_mb, wanted.dla_core, shown)


def key_of(bundle: Bundle, made_by: Recipe, toolkit: Toolkit) -> EngineKey:
    """The key of what comes out here. Raises EngineError where nothing can."""
    comes_out = settle(toolkit.modules.trt, bundle.manifest, made_by).comes_out
    return engine_key(bundle, toolkit.machine, made_by, comes_out)
