"""The enrolment gate on 40 good and 40 bad pictures: `python -m benchmarks.enrolment_gate [--json]`.

Made from ../shared/faces by a fixed seed, of people whom nothing was tuned with. Good ones are as they are:
one picture a person, in which dlib's detector (another than ours) sees one face. Bad ones are made of others,
in which both detectors see a face: out of focus, shaken, dark, burnt, far away, two people, the head turned,
the face covered, no face.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Callable, Iterator, List, Optional, Tuple

import cv2
import dlib
import numpy as np

from agent.enrolments import Reason
from agent.faces.gate import judge
from agent.faces.reader import FaceReader
from agent.ports import Picture
from benchmarks import enrolment_defects as defects
from benchmarks.enrolment_sets import parts, reader

GOOD = 40
_SEED = 11

Make = Callable[[Picture, defects.Points, Picture, np.random.Generator], Picture]

BAD: List[Tuple[str, int, Tuple[Reason, ...], Make]] = [
    ("out of focus", 6, (Reason.BLURRED,), lambda p, _, __, r: defects.blurred(p, float(r.uniform(2, 4)))),
    ("shaken", 3, (Reason.BLURRED,), lambda p, _, __, r: defects.shaken(p, int(r.integers(11, 20)))),
    ("dark", 5, (Reason.DARK,), lambda p, _, __, r: defects.exposed(p, float(r.uniform(0.02, 0.05)), r)),
    ("burnt", 4, (Reason.BURNT,), lambda p, _, __, r: defects.exposed(p, float(r.uniform(6, 12)), r)),
    ("far away", 6, (Reason.SMALL,), lambda p, _, __, r: defects.shrunk(p, float(r.uniform(0.25, 0.5)))),
    ("two people", 5, (Reason.SEVERAL,), lambda p, _, other, __: defects.beside(p, other)),
    (
        "turned by 45 to 60 degrees",
        3,
        (Reason.TURNED, Reason.NO_FACE, Reason.COVERED),
        lambda p, points, _, r: defects.turned(p, points, float(r.choice((-1, 1)) * r.uniform(45, 60))),
    ),
    ("mask", 2, (Reason.COVERED,), lambda p, points, _, r: defects.masked(p, points, r)),
    ("sunglasses", 2, (Reason.COVERED,), lambda p, points, _, r: defects.shaded(p, points, r)),
    ("hand", 2, (Reason.COVERED,), lambda p, points, _, r: defects.handed(p, points, r)),
    ("no face", 2, (Reason.NO_FACE,), lambda p, _, __, ___: np.ascontiguousarray(p[:50])),
]


def main(arguments: Optional[List[str]] = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as cache, closing(reader(Path(cache))) as faces:
        rows = list(_rows(faces))
    right = sum(row["right"] for row in rows)
    found = {
        "right": right,
        "of": len(rows),
        "share": round(right / len(rows), 3),
        "named_rightly": sum(row["named"] for row in rows if row["wanted"] != "good"),
        "rows": rows,
    }
    print(json.dumps(found, indent=2) if given.json else _table(found))


def _rows(faces: FaceReader) -> Iterator[dict]:  # type: ignore[type-arg]
    _, judged = parts()
    files = iter(judged)
    alone = dlib.get_frontal_face_detector()
    rng = np.random.default_rng(_SEED)
    for _ in range(GOOD):
        said = judge(faces, _next(files, alone)).reason
        right = said is Reason.ACCEPTED
        yield {"wanted": "good", "said": said.value, "right": right, "named": right}
    for wanted, count, reasons, make in BAD:
        for _ in range(count):
            picture, points = _seen(files, alone, faces)
            said = judge(faces, make(picture, points, _next(files, alone), rng)).reason
            yield {
                "wanted": wanted,
                "said": said.value,
                "right": said is not Reason.ACCEPTED,
                "named": said in reasons,
            }


def _seen(
    files: Iterator[Path], alone: dlib.fhog_object_detector, faces: FaceReader
) -> Tuple[Picture, defects.Points]:
    while True:
        picture = _next(files, alone)
        found = faces.find([picture])[0]
        if found:
            return picture, found[0].landmarks


def _next(files: Iterator[Path], alone: dlib.fhog_object_detector) -> Picture:
    """The next picture in which dlib sees one face."""
    for file in files:
        picture = np.asarray(cv2.imread(str(file)), np.uint8)
        if len(alone(np.ascontiguousarray(picture[..., ::-1]), 1)) == 1:
            return picture
    raise ValueError("there are not enough pictures")


def _table(found: dict) -> str:  # type: ignore[type-arg]
    said = Counter((row["wanted"], row["said"]) for row in found["rows"])
    lines = ["| picture | said | how many |", "|---|---|---|"]
    lines += [f"| {wanted} | {word} | {count} |" for (wanted, word), count in said.items()]
    total = f"{found['right']} of {found['of']} right ({found['share']:.1%})"
    return "\n".join([*lines, "", f"{total}; {found['named_rightly']} of 40 bad ones with the right reason"])


if __name__ == "__main__":
    main()
