"""Whether a new engine sees what ONNX Runtime sees: the same pictures through both, before it may look."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import List, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from agent.engines.record import Parity
from agent.errors import EngineError
from agent.ports import FireDetector, Picture
from agent.sources.scene import SceneScript
from agent.sources.scene.stage import Stage
from agent.store.snapshots import stored_files


@dataclass(frozen=True)
class Limits:
    """The largest difference of a probability, and the least share of equal labels, that pass."""

    max_error: float
    agreement: float


LIMITS = {
    # Weights rounded to ten bits, as TF32 (fp32 on Ampere and later) and fp16 round them, move the
    # probabilities of fire-lite0 by 0.0052 at most on rendered pictures (ONNX Runtime on the CPU). Rounded
    # activations add to it; what is several times as much is a fault, not rounding.
    "fp32": Limits(0.02, 0.95),
    "fp16": Limits(0.03, 0.95),
    # Under half of the way between fire-lite0's thresholds (0.43 and 0.85): no picture that keeps an incident
    # from opening may open one.
    "int8": Limits(0.2, 0.9),
}

_SCRIPT = SceneScript(calm_s=4.0, smoke_s=6.0, flame_s=6.0, fire_s=20.0, out_s=0.0)
_SEEDS, _AT_S = (1, 2), (2.0, 7.0, 9.5, 13.0, 18.0, 24.0)
_WIDTH, _HEIGHT = 640, 360
_MOST_STORED = 24


def rendered() -> List[Picture]:
    """Two streets, each calm, smoking, with first flames and burning: the same everywhere and for ever."""
    stages = [Stage(seed, _WIDTH, _HEIGHT, _SCRIPT) for seed in _SEEDS]
    return [stage.render(at) for stage in stages for at in _AT_S]


def stored(data_folder: Path) -> List[Picture]:
    """The newest pictures of incidents on this device, two dozen at most: what its own cameras see."""
    clean = [file for file in stored_files(data_folder) if file.path.stem.endswith("-clean")]
    newest = sorted(clean, key=lambda file: file.written_at, reverse=True)[:_MOST_STORED]
    read = (cv2.imread(str(file.path), cv2.IMREAD_COLOR) for file in newest)
    return [np.asarray(picture, np.uint8) for picture in read if picture is not None]


def compare(
    candidate: FireDetector, reference: FireDetector, pictures: Sequence[Picture], most: int
) -> Parity:
    """Both look at every picture: first alone, then in batches of `most`, and the worse counts.

    Raises InferenceError.
    """
    expected = _scores(reference, pictures, most)
    error, agreement = 0.0, 1.0
    for batch in {1, most}:
        found = _scores(candidate, pictures, batch)
        error = max(error, float(np.abs(found - expected).max()))
        agreement = min(agreement, float((found.argmax(1) == expected.argmax(1)).mean()))
    return Parity(len(pictures), error, agreement)


def accept(parity: Parity, precision: str) -> None:
    """Raises EngineError where a plan of this precision differs from ONNX Runtime by more than it may."""
    limits = LIMITS[precision]
    if parity.max_error <= limits.max_error and parity.agreement >= limits.agreement:
        return
    raise EngineError(
        f"the new {precision} engine does not see what ONNX Runtime sees: on {parity.pictures} pictures its "
        f"probabilities differ by up to {parity.max_error:.3f} (allowed: {limits.max_error:g}) and "
        f"{parity.agreement:.0%} of its labels are equal (needed: {limits.agreement:.0%}). It is not used. "
        + ("Try another precision" if precision != "fp32" else "Report it with the versions of this device")
    )


def _scores(detector: FireDetector, pictures: Sequence[Picture], batch: int) -> npt.NDArray[np.float64]:
    scores = [
        one
        for start in range(0, len(pictures), batch)
        for one in detector.look(pictures[start : start + batch])
    ]
    return np.array([[one.fire, one.start_fire, one.no_fire] for one in scores])
