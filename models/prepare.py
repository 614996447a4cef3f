"""The pictures that a classifier learns from and is judged on meanwhile, in memory."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, NamedTuple, Optional

import numpy as np

from agent.inference.manifest import FIRE_LABELS as LABELS
from models import split
from models.data import DataError, load_square, read_folder
from models.near import hashes_of
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


def prepare(
    data: Path,
    file: Optional[Path],
    negatives: Optional[Path],
    boxed: Optional[Path],
    boxed_file: Optional[Path],
    seed: int,
    side: int,
) -> Prepared:
    """Of class folders, by the split in `file` or one made by group, to learn at `side`; of `negatives` what
    is no fire; of the boxed folder what trains and looks like nothing that is judged. Raises DataError."""
    parts = split.parted(read_folder(data, LABELS), file, seed)
    train, val = parts["train"], parts["val"]
    if negatives is not None:
        train = train + [item for item in read_folder(negatives, ("no-fire",)) if item.label == "no-fire"]
    if not train or not val:
        raise DataError(f"{data}: too few groups for a training and a validation part")
    stored = max(_STORED, round(_SPARE * side))
    pictures = load_square(train, stored)
    truth = np.array([LABELS.index(item.label) for item in train])
    paster = None
    if boxed is not None:
        cut = cuts(boxed_scenes(boxed, boxed_file, seed, hashes_of(val + parts["test"], data)))
        log.info("%s to paste", ", ".join(f"{len(some)} cuts of {kind}" for kind, some in cut.items()))
        paster = Paster(pictures[truth == LABELS.index("no-fire")], cut)
    val_truth = np.array([LABELS.index(item.label) for item in val])
    return Prepared(pictures, truth, load_square(val, stored), val_truth, paster)
