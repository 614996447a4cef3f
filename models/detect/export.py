"""Make a bundle of a detector's run: thresholds on validation, judged once on test, documented."""

from __future__ import annotations

import json
import logging
from collections import Counter
from contextlib import closing
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, TypeVar

import numpy as np

from agent.inference.bundle import MANIFEST, Bundle, load_bundle, sha256_of
from agent.inference.objects import YoloX
from agent.inference.onnxruntime import OnnxRuntimeSession
from models import picture_level
from models.boxed_pictures import Scene, read_coco
from models.data import DataError
from models.detect import card
from models.detect.bundle import noise, write_bundle
from models.detect.data import NEW_LABELS, burning_scenes, empty_scenes, items, scenes_by_part
from models.detect.trained import trained
from models.parity import parity
from models.verify_objects import LEAST, Judged, judge, scores_of

log = logging.getLogger("models.export")

_Found = TypeVar("_Found")

TOLERANCE = 1e-4
"""Largest difference of any number of any cell to PyTorch."""


def export_detector(
    run: Path,
    config: Mapping[str, Any],
    out: Path,
    version: str,
    side: int,
    coco: Optional[Tuple[Path, Path]],
) -> None:
    """`coco` are boxes as COCO's JSON and the folder of their pictures, where objects are judged as well.

    Raises DataError.
    """
    things = None if coco is None else read_coco(*coco)  # before any work: it may not be there
    net = trained(run)
    about = {"parent": _parent(config), "training": _training(config), "metrics": {}}
    manifest = write_bundle(net, side, out, version, about)
    difference = parity(net, noise(side), out)
    if difference > TOLERANCE:
        raise DataError(f"ONNX Runtime and PyTorch differ by {difference:.2g}, more than {TOLERANCE:g}")
    bundle = load_bundle(str(out), "object-detection")
    val, test = (_judged(bundle, _scenes(config, part)) for part in ("val", "test"))
    threshold = picture_level.choose(picture_level.scored(val.scenes, val.found))
    manifest["metrics"] = {
        "validation": _figures(val, threshold),
        "test": _figures(test, threshold),
        "test_by_source": _by_source(config, test),
        "objects": None if things is None else _objects(bundle, things),
        "median_ms_one_thread": round(float(np.median(test.milliseconds)), 1),
        "parity": difference,
        "measured": f"{datetime.now(timezone.utc):%Y-%m-%d}",
    }
    (out / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    card.write(out, manifest)
    log.info("bundle written to %s", out)


def _parent(config: Mapping[str, Any]) -> str:
    sha256 = sha256_of(Path(config["parent"]))
    return f"YOLOX-Nano for COCO by Megvii (Ge et al. 2021), Apache-2.0, ONNX sha256 {sha256}"


def _training(config: Mapping[str, Any]) -> Dict[str, Any]:
    root, split_file, negatives = Path(config["data"]), _path(config["split"]), config["negatives"]
    scenes = scenes_by_part(root, split_file, config["seed"])["train"]
    trained = items(root, scenes)
    empty = [] if negatives is None else _class_scenes(empty_scenes, config)
    return {
        "data": root.name,
        "pictures": dict(Counter(item.label for item in trained)),
        "boxes": dict(Counter(thing.label for scene in scenes for thing in scene.things)),
        "licences": dict(Counter(item.licence for item in trained).most_common()),
        "extra_negatives": len(empty),
        "extra_burning": len(_class_scenes(burning_scenes, config)) if config["burning"] else 0,
        "negatives": None if negatives is None else Path(negatives).name,
        "split_sha256": None if split_file is None else sha256_of(split_file),
        "epochs": config["epochs"],
        "body_rate": config["body_rate"],
        "begun_from": config.get("begun_from"),
        "seed": config["seed"],
    }


def _scenes(config: Mapping[str, Any], part: str) -> List[Scene]:
    """Of that part the boxed pictures, and those without fire."""
    boxed = scenes_by_part(Path(config["data"]), _path(config["split"]), config["seed"])[part]
    if config["negatives"] is None:
        return boxed
    return boxed + _class_scenes(partial(empty_scenes, part=part), config)


def _class_scenes(kind: Callable[..., List[_Found]], config: Mapping[str, Any]) -> List[_Found]:
    """Those of the class folders."""
    split_file = _path(config["negatives_split"])
    return kind(Path(config["negatives"]), split_file, config["seed"], Path(config["data"]))


def _judged(bundle: Bundle, scenes: Sequence[Scene]) -> Judged:
    with closing(YoloX(bundle, OnnxRuntimeSession(bundle, 1), {"score": LEAST})) as detector:
        return judge(detector, scenes)


def _figures(found: Judged, threshold: float) -> Dict[str, Any]:
    """Precision on the pictures that people boxed and on those without fire; the alarms by picture."""
    scores = scores_of(found, NEW_LABELS)
    level = picture_level.judged(picture_level.scored(found.scenes, found.found), threshold)
    return _rounded({**scores.as_dict(), "pictures": len(found.scenes), "by_picture": level.as_dict()})


def _by_source(config: Mapping[str, Any], test: Judged) -> Dict[str, Any]:
    """Of each source of boxed pictures the precision alone: some are labelled for flames only."""
    root = Path(config["data"])
    boxed = {scene.path for scene in test.scenes if root in scene.path.parents}
    scenes = [scene for scene in test.scenes if scene.path in boxed]
    sources = [item.source for item in items(root, scenes)]
    by_path = {scene.path: index for index, scene in enumerate(test.scenes)}
    told: Dict[str, Any] = {}
    for source in sorted(set(sources)):
        where = [by_path[scene.path] for scene, one in zip(scenes, sources) if one == source]
        if not any(test.scenes[index].things for index in where):
            continue
        part = Judged(
            [test.scenes[index] for index in where],
            [test.sizes[index] for index in where],
            [test.found[index] for index in where],
            [],
            [],
        )
        told[source] = _rounded(scores_of(part, NEW_LABELS).as_dict()["labels"])
    return told


def _objects(bundle: Bundle, scenes: Sequence[Scene]) -> Dict[str, Any]:
    found = _judged(bundle, scenes)
    kept = [label for label in bundle.manifest.labels if label not in NEW_LABELS]
    return _rounded({**scores_of(found, kept).as_dict(), "pictures": len(found.scenes)})


def _rounded(figures: Dict[str, Any]) -> Dict[str, Any]:
    """To what the number of pictures supports."""
    rounded: Dict[str, Any] = json.loads(json.dumps(figures), parse_float=lambda text: round(float(text), 4))
    return rounded


def _path(text: Optional[str]) -> Optional[Path]:
    return None if text is None else Path(text)
