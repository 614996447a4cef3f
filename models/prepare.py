"""The pictures that a classifier learns from and is judged on meanwhile, in memory."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, List, NamedTuple, Optional

import numpy as np

from agent.inference.manifest import FIRE_LABELS as LABELS
from models import split
from models.boxed_classes import classed
from models.boxed_pictures import Scene
from models.data import DataError, load_square, read_folder
from models.near import hashes_of, unlike
from models.pasting import Paster, boxed_scenes, cuts

log = logging.getLogger("models.train")

_STORED, _SPARE = 272, 17 / 16
"""Pictures are kept at that side or, where larger ones are learnt, so much larger, for cuts."""


class Prepared(NamedTuple):
    """Pictures (N x side x side x 3, BGR, uint8) and their labels' indices, and what is pasted into some."""

    train: Any
    truth: Any
    val: Any
    val_truth: Any
    paster: Optional[Paster]


class Boxed(NamedTuple):
    """A folder in YOLO's layout, its split's file (else one is made by group), and whether its pictures are
    learnt as they are, besides being cut out of."""

    root: Path
    file: Optional[Path]
    whole: bool


def prepare(
    data: Path, file: Optional[Path], negatives: Optional[Path], boxed: Optional[Boxed], seed: int, side: int
) -> Prepared:
    """Of class folders, by the split in `file` or one made by group, to learn at `side`; of `negatives` what
    is no fire; of `boxed` what trains and looks like nothing that is judged, as it is only where it looks
    like nothing that is learnt either. Raises DataError."""
    parts = split.parted(read_folder(data, LABELS), file, seed)
    train, val = parts["train"], parts["val"]
    if negatives is not None:
        train = train + [item for item in read_folder(negatives, ("no-fire",)) if item.label == "no-fire"]
    if not train or not val:
        raise DataError(f"{data}: too few groups for a training and a validation part")
    scenes: List[Scene] = []
    if boxed is not None:
        scenes = boxed_scenes(boxed.root, boxed.file, seed, hashes_of(val + parts["test"], data))
    if boxed is not None and boxed.whole:
        new = unlike(classed(boxed.root, scenes), boxed.root, hashes_of(parts["train"], data))
        log.info("%d boxed pictures to learn from as they are", len(new))
        train = train + new
    stored = max(_STORED, round(_SPARE * side))
    pictures = load_square(train, stored)
    truth = np.array([LABELS.index(item.label) for item in train])
    paster = None
    if boxed is not None:
        cut = cuts(scenes)
        log.info("%s to paste", ", ".join(f"{len(some)} cuts of {kind}" for kind, some in cut.items()))
        paster = Paster(pictures[truth == LABELS.index("no-fire")], cut)
    val_truth = np.array([LABELS.index(item.label) for item in val])
    return Prepared(pictures, truth, load_square(val, stored), val_truth, paster)
