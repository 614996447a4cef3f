"""The inference port: a loaded network, whatever executes it."""

from __future__ import annotations

from typing import List

import numpy as np
import numpy.typing as npt
from typing_extensions import Protocol

from agent.vision.preprocess import Batch

Result = npt.NDArray[np.float32]
"""N x what the manifest says of one picture: labels, cells x columns, or an embedding."""


class Session(Protocol):
    """A network ready to run; one thread uses it, any may close it."""

    backend: str
    """Its name in events: `onnxruntime` or `tensorrt`."""

    precision: str
    """What it computes in: `fp32`, `fp16` or `int8`."""

    def infer(self, batch: Batch) -> Result:
        """Run N x 3 x height x width through it: what the manifest's output says. Raises InferenceError."""

    def infer_all(self, batch: Batch) -> List[Result]:
        """As `infer`, and after that what every other output says that the manifest names (`outputs`)."""

    def close(self) -> None:
        """Free it; may be called twice."""
