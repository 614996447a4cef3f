"""Ways of looking for fire: the whole picture, tiles, a detector's boxes, both fused, and a closer look."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from types import TracebackType
from typing import Dict, List, NamedTuple, Optional, Type

from agent.domain.evidence import FireScores
from agent.inference.bundle import Bundle
from agent.inference.closer import Closer
from agent.inference.fire import FireClassifier
from agent.inference.objects import YoloX
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import Picture
from benchmarks.fire_fusion import rules_of

WHOLE, BOXES, FUSED, CLOSER = "whole", "boxes", "fused", "closer"
GRIDS = {"tiles 2x2": 2, "tiles 3x3": 3}
OVERLAP = 0.2
"""The share of a tile that its neighbour shows, too."""

_NOTHING = FireScores(0.0, 0.0, 1.0)


class Said(NamedTuple):
    """P(fire) + P(start-fire) by way, and the processor's seconds that each took, pre-processing included."""

    danger: Dict[str, float]
    seconds: Dict[str, float]


class Ways:
    """A classifier, and a detector that boxes flames where there is one. All dangers are on the scale of the
    classifier's thresholds: the boxes alone are weighed by the rule that `python -m models fuse` chose for
    them. Each look is one thread's work, and several threads may look. Raises BundleError where the detector
    was not fused with that classifier."""

    def __init__(self, classifier: Bundle, detector: Optional[Bundle]) -> None:
        self._rules = {} if detector is None else rules_of(detector.manifest, classifier.manifest)
        self._open = ExitStack()
        self._judge = self._open.enter_context(
            closing(FireClassifier(classifier, OnnxRuntimeSession(classifier, 1)))
        )
        self._boxer: Optional[YoloX] = None
        if detector is not None:
            self._boxer = self._open.enter_context(closing(YoloX(detector, OnnxRuntimeSession(detector, 1))))
        self._closer = Closer(self._judge, self._judge)
        self.names = [WHOLE, *GRIDS, *([] if detector is None else [BOXES, FUSED]), CLOSER]

    def __enter__(self) -> Ways:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._open.close()

    def look(self, picture: Picture) -> Said:
        """Each way in its turn; `fused` takes as long as `whole` and `boxes` together, `closer` longer than
        what it looks closer after by its views."""
        start = time.thread_time()
        (judged,) = self._judge.look([picture])
        danger, seconds = {WHOLE: judged.danger}, {WHOLE: time.thread_time() - start}
        for name, side in GRIDS.items():
            start = time.thread_time()
            danger[name] = max(one.danger for one in self._judge.look(tiles(picture, side)))
            seconds[name] = time.thread_time() - start
        said = judged
        if self._boxer is not None:
            start = time.thread_time()
            (found,) = self._boxer.find([picture])
            seconds[BOXES] = time.thread_time() - start
            seconds[FUSED] = seconds[WHOLE] + seconds[BOXES]
            danger[BOXES] = self._rules["boxes"].of(_NOTHING, found).danger
            said = self._rules["fused"].of(judged, found)
            danger[FUSED] = said.danger
        start = time.thread_time()
        (closer,) = self._closer.surer([picture], [said])
        danger[CLOSER] = closer.danger
        seconds[CLOSER] = time.thread_time() - start + seconds.get(FUSED, seconds[WHOLE])
        return Said(danger, seconds)


def tiles(picture: Picture, side: int) -> List[Picture]:
    """`side` x `side` views that cover the picture, neighbours sharing OVERLAP of a tile."""
    height, width = (round(edge / (side - (side - 1) * OVERLAP)) for edge in picture.shape[:2])
    tops, lefts = (
        [round(index * (edge - tile) / (side - 1)) for index in range(side)]
        for edge, tile in zip(picture.shape[:2], (height, width))
    )
    return [picture[top : top + height, left : left + width] for top in tops for left in lefts]
