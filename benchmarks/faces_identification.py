"""Who is it, if anybody? Open-set identification on ../shared/faces by the agent's gallery and rule.

    python -m benchmarks.faces_identification CACHE OUT

CACHE is what benchmarks.faces_lfw wrote. Writes OUT/faces-identification.json and OUT/faces-open-set.png.

The people are halved by a fixed seed: on one half the settings of a look are chosen, the other is judged.
Within each, half of those with four pictures or more are enrolled by three each; their other pictures must be
named rightly (DIR), and of everybody else's pictures as few as possible named at all (FPIR). Ten draws of who
is enrolled; intervals of 95 % by a bootstrap over people. One look each; `votes` has the ballot over five.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from agent.domain.face import Nearest
from agent.domain.policy.recognition import DEFAULTS, Ballot, Known, RecognitionSettings, decide
from agent.faces.gallery import Gallery
from benchmarks.faces_lfw import Embedding, files, load, person_in
from models.report import draw_rates

DRAWS, ENROLLED, LOOKS, FPIR = 10, 3, 5, 0.01
MARGINS = (0.0, 0.02, 0.04, 0.06, 0.08, 0.10, 0.12)
DISTANCES = tuple(round(0.30 + 0.01 * step, 2) for step in range(36))

People = Dict[str, List[str]]
"""Files by the name of the person they show."""
Faces = Dict[str, Embedding]

_NOBODY = Nearest(None, math.inf, math.inf)


@dataclass(frozen=True)
class Probe:
    """One look at somebody: who it is (None for one who is not enrolled), whose picture, and the search."""

    enrolled_as: Optional[int]
    name: str
    nearest: Nearest


def main(cache: Path, out: Path) -> None:
    report: Dict[str, Any] = {"chosen": {}, "judged": {}}
    curves = {}
    for system in ("beffroi", "face_recognition"):
        embeddings = load(cache, system)
        tuned, others = (_probes(half, embeddings) for half in _halves())
        chosen = choose(tuned)
        report["chosen"][system] = {**_settings(chosen), **rates(tuned, chosen)}
        report["judged"][system] = judged(others, chosen)
        curves[system] = _curve(others, chosen.margin)
        if system == "beffroi":
            report["judged"]["beffroi, as it ships"] = judged(others, DEFAULTS)
            report["votes"] = votes(others, DEFAULTS)
            report["sizes"] = _sizes(embeddings, DEFAULTS)
            report["without a margin"] = _without_margin(embeddings)
    out.mkdir(parents=True, exist_ok=True)
    (out / "faces-identification.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    draw_rates(out / "faces-open-set.png", curves, "strangers named (FPIR)", "enrolled named rightly (DIR)")
    print(json.dumps(report, indent=2))


def choose(probes: Sequence[Probe], margins: Sequence[float] = MARGINS) -> RecognitionSettings:
    """The settings that name most of the enrolled while at most FPIR of the strangers are named."""
    candidates = []
    for margin in margins:
        for distance in DISTANCES:
            settings = replace(DEFAULTS, max_distance=distance, margin=margin)
            found = rates(probes, settings)
            if found["fpir"] <= FPIR:
                candidates.append((found["dir"], settings))
    return max(candidates, key=lambda candidate: candidate[0])[1]


def rates(probes: Sequence[Probe], settings: RecognitionSettings) -> Dict[str, float]:
    """DIR, the share of the enrolled who are taken for somebody else, and FPIR."""
    told, mated = _told(probes, settings), _mated(probes)
    return {name: float(np.mean(values)) for name, values in _outcomes(told, mated).items()}


def judged(probes: Sequence[Probe], settings: RecognitionSettings) -> Dict[str, Any]:
    """The rates with intervals and counts."""
    told, mated = _told(probes, settings), _mated(probes)
    names, person = np.unique([probe.name for probe in probes], return_inverse=True)
    rng = np.random.default_rng(0)
    draws: Dict[str, List[float]] = defaultdict(list)
    for _ in range(1000):
        weight = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))[person]
        for name, values in _outcomes(told, mated).items():
            part = weight[~mated] if name == "fpir" else weight[mated]
            draws[name].append(float(np.average(values, weights=part)))
    return {
        **_settings(settings),
        "looks_at_enrolled": int(mated.sum()),
        "looks_at_strangers": int((~mated).sum()),
        "people": len(names),
        **{
            name: {"value": value, "interval": np.percentile(draws[name], [2.5, 97.5]).tolist()}
            for name, value in rates(probes, settings).items()
        },
    }


def votes(probes: Sequence[Probe], settings: RecognitionSettings) -> Dict[str, Dict[str, float]]:
    """What the ballot says after LOOKS looks: shares of the enrolled and of strangers.

    The looks are separate pictures of LFW, all of one weight: harder for the enrolled than frames of one walk
    past a camera, and easier to tell a stranger by, since errors do not repeat.
    """
    said: Dict[str, Counter[str]] = {"enrolled": Counter(), "strangers": Counter()}
    for (enrolled_as, _), group in groupby(probes, key=lambda probe: (probe.enrolled_as, probe.name)):
        looks = [probe.nearest for probe in group]
        for start in range(0, len(looks) - LOOKS + 1, LOOKS):
            ballot = Ballot(settings)
            for look in looks[start : start + LOOKS]:
                ballot.add(look, 1.0)
            verdict = ballot.verdict
            right = verdict.person == enrolled_as or verdict.known is Known.UNDECIDED
            word = verdict.known.value if right else f"wrongly {verdict.known.value}"
            said["strangers" if enrolled_as is None else "enrolled"][word] += 1
    return {
        who: {"tracks": sum(words.values()), **{word: n / sum(words.values()) for word, n in words.items()}}
        for who, words in said.items()
    }


def _told(probes: Sequence[Probe], settings: RecognitionSettings) -> npt.NDArray[np.int64]:
    """Per probe 1 for named rightly, -1 for named wrongly, 0 for not named."""
    people = [decide(probe.nearest, settings) for probe in probes]
    return np.array(
        [0 if who is None else 1 if who == probe.enrolled_as else -1 for who, probe in zip(people, probes)]
    )


def _mated(probes: Sequence[Probe]) -> npt.NDArray[np.bool_]:
    return np.array([probe.enrolled_as is not None for probe in probes])


def _outcomes(told: npt.NDArray[np.int64], mated: npt.NDArray[np.bool_]) -> Dict[str, npt.NDArray[np.bool_]]:
    return {"dir": told[mated] == 1, "taken_for_another": told[mated] == -1, "fpir": told[~mated] != 0}


def _halves() -> List[People]:
    """Two halves of the people, each with their pictures."""
    pictures: People = defaultdict(list)
    for file in files():
        pictures[person_in(file)].append(file)
    names = sorted(pictures)
    random.Random(0).shuffle(names)
    return [{name: pictures[name] for name in names[part::2]} for part in (0, 1)]


def _probes(
    people: People, embeddings: Faces, others: Sequence[Embedding] = (), apart: bool = False
) -> List[Probe]:
    return [probe for seed in range(DRAWS) for probe in _draw(people, embeddings, seed, others, apart)]


def _draw(
    people: People, embeddings: Faces, seed: int, others: Sequence[Embedding], apart: bool
) -> Iterable[Probe]:
    """Enrol half of those with pictures enough, and `others`; then look at every other picture. One in which
    no face was found is nobody's. With `apart` each enrolled picture stands for itself."""
    rng = random.Random(seed)
    able = sorted(name for name, pictures in people.items() if len(pictures) > ENROLLED)
    rng.shuffle(able)
    ids = {name: number for number, name in enumerate(able[: len(able) // 2])}
    shuffled = {name: rng.sample(pictures, len(pictures)) for name, pictures in people.items()}
    known = [(ids[name], file) for name in ids for file in shuffled[name][:ENROLLED] if file in embeddings]
    faces = [(who, embeddings[file]) for who, file in known]
    faces += [(len(ids) + number, face) for number, face in enumerate(others)]
    owners = [who for who, _ in faces]
    rows = range(len(faces)) if apart else owners
    gallery = Gallery(np.array(rows), np.stack([face for _, face in faces]))
    looks = [(name, file) for name in people for file in shuffled[name][ENROLLED if name in ids else 0 :]]
    found = iter(gallery.nearest(np.stack([embeddings[file] for _, file in looks if file in embeddings])))
    probes = []
    for name, file in looks:
        nearest = next(found) if file in embeddings else _NOBODY
        if apart and nearest.person is not None:
            nearest = replace(nearest, person=owners[nearest.person])
        probes.append(Probe(ids.get(name), name, nearest))
    return probes


def _sizes(embeddings: Faces, settings: RecognitionSettings) -> Dict[str, Dict[str, float]]:
    """What becomes of the rates where more people are enrolled: people of the other half, a picture each."""
    first, second = _halves()
    more = [embeddings[pictures[0]] for pictures in first.values() if pictures[0] in embeddings]
    return {
        f"{count} more enrolled": rates(_probes(second, embeddings, more[:count]), settings)
        for count in (0, 100, 300, len(more))
    }


def _without_margin(embeddings: Faces) -> Dict[str, Dict[str, float]]:
    """What the mean of a person's faces is worth, by distance alone: beside the nearest single picture."""
    halves = [_probes(half, embeddings) for half in _halves()]
    single = [_probes(half, embeddings, apart=True) for half in _halves()]
    return {
        name: {**_settings(chosen), **rates(judged_half, chosen)}
        for name, (tuned, judged_half) in (("mean", halves), ("nearest picture", single))
        for chosen in [choose(tuned, margins=(0.0,))]
    }


def _curve(probes: Sequence[Probe], margin: float) -> Tuple[List[float], List[float]]:
    """FPIR and DIR over the distances, at one margin."""
    found = [rates(probes, replace(DEFAULTS, max_distance=distance, margin=margin)) for distance in DISTANCES]
    return [rate["fpir"] for rate in found], [rate["dir"] for rate in found]


def _settings(settings: RecognitionSettings) -> Dict[str, float]:
    return {name: value for name, value in asdict(settings).items() if name in ("max_distance", "margin")}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
