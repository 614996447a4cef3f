"""Whether a new engine sees what ONNX Runtime sees: the same pictures through both, before it may look."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Callable, List, Mapping, Sequence

import cv2
import numpy as np

from agent.engines.record import Parity
from agent.errors import EngineError
from agent.inference.backend import Session
from agent.inference.bundle import Bundle
from agent.ports import Picture
from agent.store.snapshots import stored_files

_MOST_STORED = 24


@dataclass(frozen=True)
class Limits:
    """The largest error and the least agreement that pass; see agent.engines.record.Parity."""

    max_error: float
    agreement: float


Compare = Callable[[Bundle, Session, Session, Sequence[Picture], int], Parity]
"""Has the candidate and the reference look at every picture, first alone, then in batches of so many, and the
worse counts. Raises InferenceError."""


@dataclass(frozen=True)
class Trial:
    """How an engine of one task is tried.

    `drawn` makes pictures that are the same everywhere and for ever; `cameras` says whether the device's own
    are shown too; `limits` go by precision; `words` says what was measured, with an error and an agreement.
    """

    drawn: Callable[[Bundle], List[Picture]]
    cameras: bool
    compare: Compare
    limits: Mapping[str, Limits]
    words: str

    def pictures(self, bundle: Bundle, data_folder: Path) -> List[Picture]:
        return [*self.drawn(bundle), *(stored(data_folder) if self.cameras else [])]

    def accept(self, parity: Parity, precision: str) -> None:
        """Raises EngineError where a plan of this precision differs from ONNX Runtime by more than it may."""
        limits = self.limits[precision]
        if parity.max_error <= limits.max_error and parity.agreement >= limits.agreement:
            return
        found = self.words.format(
            error=f"{parity.max_error:.3f} (allowed: {limits.max_error:g})",
            agreement=f"{parity.agreement:.0%} (needed: {limits.agreement:.0%})",
        )
        raise EngineError(
            f"the new {precision} engine does not see what ONNX Runtime sees: on {parity.pictures} pictures "
            f"{found}. It is not used. "
            + (
                "Try another precision"
                if precision != "fp32"
                else "Report it with the versions of this device"
            )
        )


def stored(data_folder: Path) -> List[Picture]:
    """The newest pictures of incidents on this device, two dozen at most: what its own cameras see."""
    clean = [file for file in stored_files(data_folder) if file.path.stem.endswith("-clean")]
    newest = sorted(clean, key=lambda file: file.written_at, reverse=True)[:_MOST_STORED]
    read = (cv2.imread(str(file.path), cv2.IMREAD_COLOR) for file in newest)
    return [np.asarray(picture, np.uint8) for picture in read if picture is not None]
