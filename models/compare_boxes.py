"""All that is measured of bundles that box objects; the first is what the others are held against."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence

from agent.inference.bundle import Bundle
from agent.inference.objects import YoloX
from agent.inference.onnxruntime import OnnxRuntimeSession
from models.boxed_pictures import Scene
from models.compare_cost import THREADS, Costed, costs, works
from models.data import DataError
from models.detection_scoring import DetectionScores
from models.verify_objects import LEAST, Judged, judge, scores_of


@dataclass(frozen=True, eq=False)
class Boxing(Costed):
    """One bundle: how well it boxes, and what it costs."""

    scores: DetectionScores

    def as_dict(self) -> Dict[str, Any]:
        """For JSON."""
        return {**super().as_dict(), "quality": self.scores.as_dict()}


@dataclass(frozen=True, eq=False)
class BoxComparison:
    """The bundles in the order in which they were named, and the pictures that all of them judged."""

    bundles: List[Boxing]
    scenes: List[Scene]
    unreadable: List[Path]

    @property
    def counts(self) -> Dict[str, int]:
        """How many boxes there are of the labels that count."""
        labels = self.bundles[0].scores.labels
        return {f"boxes of {one.label}": one.boxes for one in labels if one.boxes}


def measure_boxes(
    bundles: Mapping[str, Bundle], scenes: Sequence[Scene], rounds: int, seed: int
) -> BoxComparison:
    """Box what is in `scenes` once by each bundle, then measure what each costs.

    Labels count that all bundles have. Raises DataError (see work_of, judge, scores_of, peak_memory).
    """
    work = works(bundles)
    first, *others = (bundle.manifest.labels for bundle in bundles.values())
    labels = [label for label in first if all(label in those for those in others)]
    if not labels:
        raise DataError("there is no label that all of the bundles have")
    judged = {name: _judged(bundle, scenes) for name, bundle in bundles.items()}
    scores = {name: scores_of(one, labels) for name, one in judged.items()}
    of_any = judged[next(iter(judged))]
    cost = costs(bundles, work, [scene.path for scene in of_any.scenes], rounds, seed)
    boxing = [Boxing(**vars(cost[name]), scores=scores[name]) for name in bundles]
    return BoxComparison(boxing, of_any.scenes, of_any.unreadable)


def _judged(bundle: Bundle, scenes: Sequence[Scene]) -> Judged:
    session = OnnxRuntimeSession(bundle, max(THREADS))
    with closing(YoloX(bundle, session, {"score": LEAST})) as detector:
        return judge(detector, scenes)
