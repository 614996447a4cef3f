"""What one look at one picture said, and which model said it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Optional, Tuple

from agent.domain.detection import Detection

HEAT = "heat"
"""The label of a box that no detector drew: around what a classifier goes by."""


@dataclass(frozen=True)
class ModelInfo:
    """The model behind a piece of evidence; every event carries it.

    `sha256` is that of the bundle's model file; `precision` is fp32, fp16 or int8; `thresholds` are the
    decision thresholds in force, by name. `boxed_by` is a second model that boxed what this one judged, and
    whose word is in the evidence.
    """

    bundle: str
    sha256: str
    backend: str
    precision: str
    thresholds: Mapping[str, float]
    boxed_by: Optional[ModelInfo] = None


@dataclass(frozen=True)
class FireScores:
    """Calibrated probabilities of the three classes for one picture; they sum to 1.

    `boxes` are the flames and smoke in it, the surest first; None where nothing boxes them. `heat` is the
    part of the picture that the classifier goes by, labelled HEAT, where it says so: roughly where it burns,
    and no measure of how much.
    """

    fire: float
    start_fire: float
    no_fire: float
    boxes: Optional[Tuple[Detection, ...]] = None
    heat: Optional[Detection] = None

    @property
    def danger(self) -> float:
        """Probability that something burns or begins to, in 0..1."""
        return self.fire + self.start_fire

    @property
    def where(self) -> Tuple[Detection, ...]:
        """What to show of where it burns: the boxes, or else the heat; nothing where neither says."""
        return self.boxes or (() if self.heat is None else (self.heat,))
