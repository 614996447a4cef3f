"""The fire classifier: pictures in, calibrated probabilities of fire, start-fire and no-fire out."""

from __future__ import annotations

from dataclasses import replace
from typing import List, Optional, Sequence

import numpy as np

from agent.domain.detection import Detection
from agent.domain.evidence import HEAT, FireScores
from agent.inference.backend import Result, Session
from agent.inference.bundle import Bundle
from agent.inference.fire_heat import hottest
from agent.inference.manifest import FIRE_LABELS
from agent.inference.model import model_info, refuse_no_numbers
from agent.ports import Picture
from agent.vision.preprocess import to_batch

_CALM = 0.2
"""Danger below which it is not asked where: no incident is told of on such a look."""


class FireClassifier:
    """Implements agent.ports.FireDetector on any session of a fire bundle. Where that has a map of heat, it
    says in which part of the picture it sees what burns."""

    def __init__(self, bundle: Bundle, session: Session) -> None:
        manifest = bundle.manifest
        self._session = session
        self._spec = manifest.input.spec
        self._output = manifest.output
        self._order = [manifest.labels.index(label) for label in FIRE_LABELS]
        self.model = model_info(bundle, session, manifest.thresholds)

    def look(self, pictures: Sequence[Picture], before: Sequence[Optional[Picture]] = ()) -> List[FireScores]:
        result, *maps = self._session.infer_all(to_batch(pictures, self._spec))
        refuse_no_numbers(result, self.model)
        rows = self._probabilities(result)[:, self._order].tolist()
        judged = [FireScores(fire, start, none) for fire, start, none in rows]
        return [self._located(*one) for one in zip(judged, pictures, maps[0])] if maps else judged

    def close(self) -> None:
        self._session.close()

    def _located(self, scores: FireScores, picture: Picture, heat: Result) -> FireScores:
        """With the part of the picture that speaks most for the likelier of fire and start-fire."""
        if scores.danger < _CALM:
            return scores
        label = self._order[0 if scores.fire >= scores.start_fire else 1]
        box = hottest(heat[label], (picture.shape[1], picture.shape[0]), self._spec)
        return scores if box is None else replace(scores, heat=Detection(HEAT, scores.danger, box))

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
