"""How well boxes are found: average precision as COCO counts it (pycocotools)."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from agent.domain.box import Box
from agent.domain.detection import Detection
from models.boxed_pictures import Scene
from models.data import DataError
from models.detection_intervals import boxes_of, interval
from models.scoring import Interval

Size = Tuple[int, int]
"""Width and height in pixels."""

_MOST = 100
"""Boxes of a label in a picture that count, the surest first; as by COCO."""


@dataclass(frozen=True)
class Precision:
    """Of one label: how many boxes there are in how many pictures that were searched for it; the average
    precision at an IoU of 0.5, with its interval of 95 %, and over 0.5 to 0.95: None where there is no box.
    """

    label: str
    pictures: int
    boxes: int
    ap50: Optional[float]
    ap: Optional[float]
    interval50: Optional[Interval] = None


@dataclass(frozen=True)
class DetectionScores:
    """By label, and the means over those that have boxes; crowds are neither found nor missed."""

    labels: List[Precision]

    @property
    def map50(self) -> float:
        return _mean([one.ap50 for one in self.labels])

    @property
    def map(self) -> float:
        return _mean([one.ap for one in self.labels])

    def as_dict(self) -> Dict[str, Any]:
        """For JSON."""
        return {
            "map50": self.map50,
            "map50_95": self.map,
            "labels": {
                one.label: {
                    "ap50": one.ap50,
                    "ap50_95": one.ap,
                    "ap50_interval": one.interval50,
                    "boxes": one.boxes,
                    "pictures": one.pictures,
                }
                for one in self.labels
            },
        }


def score(
    scenes: Sequence[Scene],
    sizes: Sequence[Size],
    found: Sequence[Sequence[Detection]],
    labels: Sequence[str],
) -> DetectionScores:
    """Judge what was found in each scene, whose picture has that size.

    A label is judged in the pictures that are labelled for it. Raises DataError where none has a box of any
    of `labels`, or pycocotools is missing.
    """
    scores = [_precision(label, scenes, sizes, found) for label in labels]
    if not any(one.boxes for one in scores):
        raise DataError(f"there is no box of any of {', '.join(labels)}")
    return DetectionScores(scores)


def _precision(
    label: str, scenes: Sequence[Scene], sizes: Sequence[Size], found: Sequence[Sequence[Detection]]
) -> Precision:
    searched = [number for number, scene in enumerate(scenes) if label in scene.labelled]
    there, given = [], []
    for number in searched:
        for thing in scenes[number].things:
            if thing.label == label:
                there.append(_annotation(number, thing.box, sizes[number], iscrowd=int(thing.crowd)))
        for one in found[number]:
            if one.label == label:
                given.append(_annotation(number, one.box, sizes[number], iscrowd=0, score=one.score))
    boxes = sum(1 for one in there if not one["iscrowd"])
    if not boxes:
        return Precision(label, len(searched), 0, None, None)
    judged = _evaluated(searched, there, given)
    # Precision at each IoU (0.5, 0.55, ... 0.95) and recall (0, 0.01, ... 1): 10 x 101.
    rates = np.clip(judged.eval["precision"][:, :, 0, 0, 0], 0, None)
    chance = interval(boxes_of(judged.evalImgs))
    return Precision(label, len(searched), boxes, float(rates[0].mean()), float(rates.mean()), chance)


def _annotation(number: int, box: Box, size: Size, **more: float) -> Dict[str, Any]:
    width, height = size
    inside = [box.left * width, box.top * height, box.width * width, box.height * height]
    return {"image_id": number, "category_id": 1, "bbox": inside, "area": inside[2] * inside[3], **more}


def _evaluated(searched: List[int], there: List[Dict[str, Any]], given: List[Dict[str, Any]]) -> Any:
    """The COCOeval of one label. Raises DataError."""
    try:
        coco, evaluation = import_module("pycocotools.coco"), import_module("pycocotools.cocoeval")
    except ImportError as error:
        raise DataError("boxes are judged with pycocotools: pip install 'beffroi[verify]'") from error

    def indexed(annotations: List[Dict[str, Any]]) -> Any:
        data = coco.COCO()
        data.dataset = {
            "images": [{"id": number} for number in searched],
            "categories": [{"id": 1}],
            "annotations": [{"id": number, **one} for number, one in enumerate(annotations, 1)],
        }
        data.createIndex()
        return data

    with redirect_stdout(io.StringIO()):  # it tells its progress
        judge = evaluation.COCOeval(indexed(there), indexed(given), "bbox")
        judge.params.maxDets = [_MOST]
        judge.params.areaRng, judge.params.areaRngLbl = [[0, float("inf")]], ["all"]
        judge.evaluate()
        judge.accumulate()
    return judge


def _mean(values: Sequence[Optional[float]]) -> float:
    return float(np.mean([value for value in values if value is not None]))
