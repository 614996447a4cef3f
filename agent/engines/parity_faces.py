"""Parity of face engines: the same faces found, and the same embeddings of them."""

from __future__ import annotations

from typing import List, Optional, Sequence

import numpy as np

from agent.engines import drawn
from agent.engines.parity import Limits, Trial
from agent.engines.record import Parity
from agent.errors import EngineError
from agent.inference.backend import Session
from agent.inference.bundle import Bundle
from agent.inference.faces import DlibFace, YuNet
from agent.ports import Embeddings, Face, FaceDetector, FaceEmbedder, Picture

# Weights and activations rounded to ten bits, as fp16 rounds them, move the scores of yunet by 0.0024 at most
# and the embeddings of dlib-face by 0.0015 (drawn and LFW faces, ONNX Runtime on the CPU). What is several
# times as much is a fault, not rounding. int8 comes only of a bundle that is itself quantised.
FINDING_LIMITS = {
    "fp32": Limits(0.02, 0.95),
    "fp16": Limits(0.02, 0.95),
    "int8": Limits(0.1, 0.9),
}
EMBEDDING_LIMITS = {
    "fp32": Limits(0.02, 1.0),
    "fp16": Limits(0.02, 1.0),
    # As much as the margin to the second person that is customarily asked for.
    "int8": Limits(0.1, 0.9),
}

_DOUBTFUL = 0.5
"""A face of one that the other is half as sure of is the same face with another score, not a missed one."""

_IOU, _POINTS = 0.8, 0.1
"""Two faces are the same where their boxes overlap so much and their landmarks are that near, in widths."""


def compare_finding(
    bundle: Bundle, candidate: Session, reference: Session, pictures: Sequence[Picture], most: int
) -> Parity:
    """See agent.engines.parity.Compare: the largest difference of a score, the share of faces that both find.

    Raises EngineError where there is no face to compare.
    """
    sure = bundle.manifest.thresholds["score"]
    expected = _found(YuNet(bundle, reference, _DOUBTFUL * sure), pictures, most)
    error, agreement = 0.0, 1.0
    for batch in {1, most}:
        found = _found(YuNet(bundle, candidate, _DOUBTFUL * sure), pictures, batch)
        differences = [
            difference for pair in zip(found, expected) for difference in _differences(*pair, sure)
        ]
        if not differences:
            raise EngineError(f"ONNX Runtime finds no face in the pictures to try {bundle.folder} with")
        missed = sum(1 for one in differences if one is None)
        error = max([error, *(one for one in differences if one is not None)])
        agreement = min(agreement, 1 - missed / len(differences))
    return Parity(len(pictures), error, agreement)


def compare_embedding(
    bundle: Bundle, candidate: Session, reference: Session, pictures: Sequence[Picture], most: int
) -> Parity:
    """See agent.engines.parity.Compare: the largest distance of two embeddings of a chip, the share of chips
    whose embedding is nearest to the other's of the same chip."""
    expected = _embedded(DlibFace(bundle, reference), pictures, most)
    error, agreement = 0.0, 1.0
    for batch in {1, most}:
        found = _embedded(DlibFace(bundle, candidate), pictures, batch)
        distances = np.linalg.norm(found[:, None] - expected[None], axis=2)
        error = max(error, float(distances.diagonal().max()))
        agreement = min(agreement, float((distances.argmin(1) == np.arange(len(found))).mean()))
    return Parity(len(pictures), error, agreement)


def _found(detector: FaceDetector, pictures: Sequence[Picture], batch: int) -> List[List[Face]]:
    return [
        faces
        for start in range(0, len(pictures), batch)
        for faces in detector.find(pictures[start : start + batch])
    ]


def _embedded(embedder: FaceEmbedder, chips: Sequence[Picture], batch: int) -> Embeddings:
    parts = [embedder.embed(chips[start : start + batch]) for start in range(0, len(chips), batch)]
    return np.concatenate(parts)


def _differences(found: Sequence[Face], expected: Sequence[Face], sure: float) -> List[Optional[float]]:
    """Of each face that one of them is sure of, how much the scores differ; None where the other has none."""
    told: List[Optional[float]] = []
    for ours, theirs in ((found, expected), (expected, found)):
        for face in ours:
            if face.score >= sure:
                same = [abs(face.score - other.score) for other in theirs if _same(face, other)]
                told.append(min(same, default=None))
    return told


def _same(one: Face, other: Face) -> bool:
    a, b = one.box, other.box
    width = min(a.right, b.right) - max(a.left, b.left)
    height = min(a.bottom, b.bottom) - max(a.top, b.top)
    common = max(0.0, width) * max(0.0, height)
    apart = float(np.linalg.norm(one.landmarks - other.landmarks, axis=1).max())
    return common >= _IOU * (a.area + b.area - common) and apart <= _POINTS * b.width


FINDING = Trial(
    drawn=lambda _bundle: drawn.scenes(),
    cameras=True,
    compare=compare_finding,
    limits=FINDING_LIMITS,
    words="its scores of faces differ by up to {error} and of the faces both find {agreement}",
)

EMBEDDING = Trial(
    drawn=lambda bundle: drawn.chips(bundle.manifest.input.width),
    cameras=False,  # its input is aligned chips, not pictures of cameras
    compare=compare_embedding,
    limits=EMBEDDING_LIMITS,
    words="its embeddings of a face are up to {error} apart and of the faces are known again {agreement}",
)
