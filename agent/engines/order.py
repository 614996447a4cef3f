"""What is to be built: as the configuration says it, and as it is told to the process that builds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Optional

from agent.engines import calibrate
from agent.engines.key import Recipe
from agent.inference.bundle import Bundle

BATCHES = (1, 4, 4)
"""One picture to the four that the analyser looks at together. Kernels are chosen for four: with that many
cameras time is scarce, with one it is not."""


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


def order(
    bundle: Bundle,
    data: Path,
    *,
    precision: str,
    workspace_mb: int,
    dla_core: Optional[int] = None,
    anew: bool = False,
) -> Order:
    """The order for a bundle. Raises EngineError where int8 must be calibrated and there are no pictures."""
    calibrated = precision == "int8" and bundle.manifest.precision == "fp32"
    shown = calibrate.digest(calibrate.calibration_pictures(data)) if calibrated else None
    recipe = Recipe(precision, BATCHES, workspace_mb, dla_core, shown)
    return Order(bundle.folder.resolve(), data.resolve(), recipe, anew)
