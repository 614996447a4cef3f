"""Is it the same person? Beffroi beside face_recognition on the same pairs of ../shared/faces.

    python -m benchmarks.faces_verification CACHE OUT

CACHE is what benchmarks.faces_lfw wrote for both. Writes OUT/faces-verification.json and OUT/faces-roc.png.

Two sets: `all` has every pair of one person and as many of two, drawn with a fixed seed; `lfw` is LFW's own
list, of which folds 1 to 5 are there. A pair is judged by the threshold that is best for pairs of other
people (LFW's folds; fifths of the people); a picture in which no face was found is like no other. The
difference is judged on the same draws of people, so that what both find hard cancels out.
"""

from __future__ import annotations

import json
import random
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any, Dict, List, Set, Tuple

import numpy as np

from benchmarks.faces_lfw import FACES, files, load, person_in
from models.face_reading import Pair, read_pairs, trials_of
from models.face_scoring import Verification, roc, verification
from models.report import draw_rates

SYSTEMS = ("beffroi", "face_recognition")


def main(cache: Path, out: Path) -> None:
    embeddings = {system: load(cache, system) for system in SYSTEMS}
    report: Dict[str, Any] = {
        "pictures": len(files()),
        "without_a_face": {system: len(files()) - len(found) for system, found in embeddings.items()},
    }
    curves = {}
    for name, pairs in (("all", all_pairs()), ("lfw", read_pairs(FACES / "pairs_folds1-5.csv"))):
        trials = {system: trials_of(pairs, embeddings[system]) for system in SYSTEMS}
        results = {system: verification(trials[system]) for system in SYSTEMS}
        report[name] = {
            "pairs": len(pairs),
            **{system: _figures(result) for system, result in results.items()},
            "difference": _difference(*results.values()),
        }
        if name == "all":
            curves = {system: roc(trials[system]) for system in SYSTEMS}
    out.mkdir(parents=True, exist_ok=True)
    (out / "faces-verification.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    draw_rates(out / "faces-roc.png", curves)
    print(json.dumps(report, indent=2))


def all_pairs(seed: int = 0) -> List[Pair]:
    """Every pair of one person, and as many pairs of two, each drawn once."""
    by_person: Dict[str, List[str]] = defaultdict(list)
    for file in files():
        by_person[person_in(file)].append(file)
    same = [Pair(a, b, True) for pictures in by_person.values() for a, b in combinations(pictures, 2)]
    rng, names = random.Random(seed), files()
    drawn: Set[Tuple[str, str]] = set()
    while len(drawn) < len(same):
        a, b = sorted(rng.sample(names, 2))
        if person_in(a) != person_in(b):
            drawn.add((a, b))
    return same + [Pair(a, b, False) for a, b in sorted(drawn)]


def _figures(result: Verification) -> Dict[str, Any]:
    return {
        "threshold": result.threshold,
        **{name: {"value": rate, "interval": result.interval(name)} for name, rate in result.rates.items()},
    }


def _difference(ours: Verification, theirs: Verification) -> Dict[str, Any]:
    """How much better the first is, with the bootstrap's interval of 95 %."""
    return {
        name: {
            "value": ours.rates[name] - theirs.rates[name],
            "interval": np.percentile(ours.draws[name] - theirs.draws[name], [2.5, 97.5]).tolist(),
        }
        for name in ours.rates
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
