"""Learns what a covered face looks like: writes agent/faces/gate_cover.npz.

    python -m benchmarks.enrolment_covers [FOLDER]

FOLDER is where the embedding bundle is kept or made. Three linear looks (logistic regression with a quadratic
penalty) at the chips of people who are in no judged picture: uncovered ones against such with a drawn mask,
hand, sunglasses, or something before one side. Each chip counts as it is and mirrored.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import List, Tuple

import cv2
import numpy as np
import numpy.typing as npt

from agent.faces.gate_cover import WEIGHTS, features
from agent.ports import Picture
from benchmarks.enrolment_defects import COVERS
from benchmarks.enrolment_sets import parts, reader

SKIPPED = 140
"""Pictures of the tuning half that the thresholds are chosen on, and so are not learned from."""
_MOST = 4
"""Pictures of one person."""
_HEADS = (("mask", "hand"), ("sunglasses",), ("hidden",))
_PENALTY = 30.0

Chip = Tuple[str, Picture]


def main(folder: Path) -> None:
    chips = _chips(folder)
    kinds = np.array([kind for kind, _ in chips for _ in range(2)])
    rows = np.array(
        [features(one) for _, chip in chips for one in (chip, np.ascontiguousarray(chip[:, ::-1]))]
    )
    learned = [_fit(rows, kinds, covers) for covers in _HEADS]
    weights = np.array([one[:-1] for one in learned], np.float16)
    np.savez_compressed(WEIGHTS, weights=weights, bias=np.array([one[-1] for one in learned], np.float32))
    print(f"{len(chips)} chips; {WEIGHTS} has {WEIGHTS.stat().st_size} bytes")


def _chips(folder: Path) -> List[Chip]:
    tuning, _ = parts()
    rng = np.random.default_rng(3)
    found: List[Chip] = []
    faces = reader(folder)
    for file in (one for each in tuning[SKIPPED:] for one in sorted(each.parent.glob("*.jpg"))[:_MOST]):
        picture = np.asarray(cv2.imread(str(file)), np.uint8)
        seen = faces.find([picture])[0]
        if not seen:
            continue
        found.append(("", faces.chip(picture, seen[0])))
        for kind in rng.choice(list(COVERS), 2, replace=False):
            covered = COVERS[kind](picture, seen[0].landmarks, rng)
            again = faces.find([covered])[0]
            if again:
                found.append((str(kind), faces.chip(covered, again[0])))
    return found


def _fit(
    rows: npt.NDArray[np.float32], kinds: npt.NDArray[np.str_], covers: Tuple[str, ...]
) -> npt.NDArray[np.float64]:
    """Weights, then the bias, of covered (1) against uncovered (0), by Newton's method."""
    chosen = (kinds == "") | np.isin(kinds, covers)
    x = np.hstack([rows[chosen], np.ones((chosen.sum(), 1), np.float32)]).astype(np.float64)
    y = (kinds[chosen] != "").astype(float)
    penalty = np.full(x.shape[1], _PENALTY)
    penalty[-1] = 0
    weights = np.zeros(x.shape[1])
    for _ in range(12):
        odds = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (odds - y) + penalty * weights
        curve = (x.T * (odds * (1 - odds))) @ x + np.diag(penalty + 1e-6)
        weights -= np.linalg.solve(curve, slope)
    return weights


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as made:
            main(Path(made))
