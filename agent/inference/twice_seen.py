"""Fire, seen by two networks: a classifier judges the picture, a detector boxes flames and smoke in it."""

from __future__ import annotations

from dataclasses import replace
from typing import List, Optional, Sequence

import structlog

from agent.domain.detection import Detection
from agent.domain.evidence import FireScores, ModelInfo
from agent.domain.fusion import Fusion
from agent.errors import InferenceError
from agent.inference.manifest import Manifest
from agent.ports import FireDetector, ObjectDetector, Picture

log = structlog.get_logger(__name__)


class TwiceSeen:
    """Implements agent.ports.FireDetector; closes both.

    Fire is never unwatched because of the second network: where it fails, the classifier looks alone, until
    this is made anew. Fused scores are on the classifier's scale, so that its thresholds hold for both.
    """

    def __init__(self, classifier: FireDetector, detector: ObjectDetector, fusion: Fusion) -> None:
        self._classifier = classifier
        self._detector = detector
        self._fusion = fusion
        self._works = True

    @property
    def model(self) -> ModelInfo:
        """The classifier's, and while both look the detector's in `boxed_by`."""
        alone = self._classifier.model
        return replace(alone, boxed_by=self._detector.model) if self._works else alone

    def look(self, pictures: Sequence[Picture], before: Sequence[Optional[Picture]] = ()) -> List[FireScores]:
        judged = self._classifier.look(pictures)
        found = self._found(pictures)
        if found is None:
            return judged
        return [self._fusion.of(scores, boxes) for scores, boxes in zip(judged, found)]

    def close(self) -> None:
        try:
            self._detector.close()
        finally:
            self._classifier.close()

    def _found(self, pictures: Sequence[Picture]) -> Optional[List[List[Detection]]]:
        if not self._works:
            return None
        try:
            return self._detector.find(pictures)
        except InferenceError as error:
            log.error("fire is looked for without boxes", model=self._detector.model.bundle, error=str(error))
            self._works = False
            return None


def fusion_of(manifest: Manifest, classifier: ModelInfo) -> Optional[Fusion]:
    """The rule by which the boxes of that bundle are fused with what the classifier says; None where weights
    were never chosen, or with another classifier, which is logged."""
    fused = manifest.fusion
    if fused is None:
        return None
    if fused.classifier_sha256 != classifier.sha256:
        log.info(
            "fire is looked for without boxes: the weights were chosen with another classifier",
            boxes=manifest.name,
            chosen_with=fused.classifier,
            classifier=classifier.bundle,
            remedy="run `python -m models fuse`",
        )
        return None
    return fused.rule
