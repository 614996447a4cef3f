"""The fire classifier: pictures in, calibrated probabilities of fire, start-fire and no-fire out."""

from __future__ import annotations

from typing import List, Sequence

import numpy as np

from agent.domain.evidence import FireScores
from agent.inference.backend import Result, Session
from agent.inference.bundle import Bundle
from agent.inference.manifest import FIRE_LABELS
from agent.inference.model import model_info, refuse_no_numbers
from agent.ports import Picture
from agent.vision.preprocess import to_batch


class FireClassifier:
    """Implements agent.ports.FireDetector on any session of a fire bundle."""

    def __init__(self, bundle: Bundle, session: Session) -> None:
        manifest = bundle.manifest
        self._session = session
        self._spec = manifest.input.spec
        self._output = manifest.output
        self._order = [manifest.labels.index(label) for label in FIRE_LABELS]
        self.model = model_info(bundle, session, manifest.thresholds)

    def look(self, pictures: Sequence[Picture]) -> List[FireScores]:
        result = self._session.infer(to_batch(pictures, self._spec))
        refuse_no_numbers(result, self.model)
        rows = self._probabilities(result)
        return [FireScores(fire, start, none) for fire, start, none in rows[:, self._order].tolist()]

    def close(self) -> None:
        self._session.close()

    def _probabilities(self, result: Result) -> Result:
        return (
            result
            if self._output.activation == "probabilities"
            else softmax(result, self._output.temperature)
        )


def softmax(logits: Result, temperature: float) -> Result:
    """Row-wise softmax of N x labels logits divided by `temperature` (Guo et al. 2017)."""
    scaled = logits / temperature
    exponentials = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True), np.float32)
