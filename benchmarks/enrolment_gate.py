"""The enrolment gate on 40 good and 40 bad pictures: `python -m benchmarks.enrolment_gate [--json]`.

From ../shared/faces, in an order fixed by a seed, of people whom nothing was tuned with, one picture each.
GOOD are the first 40 that were called good by eye before anything was measured: alone, from the front or
nearly, eyes open and in the light, nothing before the face. Bad ones are made of others that were called good
likewise, each by one defect (enrolment_defects.py); five are bad as they are, by eye.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Callable, Iterator, List, Optional, Tuple

import cv2
import numpy as np

from agent.enrolments import Reason
from agent.faces.gate import judge
from agent.faces.reader import FaceReader
from agent.ports import Picture
from benchmarks import enrolment_defects as defects
from benchmarks.enrolment_sets import parts, reader

GOOD = (
    *(0, 2, 3, 4, 5, 6, 7, 10, 13, 15, 16, 17, 19, 22, 23, 25, 26, 27, 28, 30),
    *(31, 33, 35, 36, 37, 38, 40, 41, 42, 43, 44, 45, 48, 50, 51, 53, 55, 56, 57, 58),
)
"""Left out by eye: somebody beside (1, 34), a hand, a microphone or a plaster before the face (8, 11, 46),
turned or leaning away (9, 12, 14, 18, 20, 39, 52, 54), shade, hair or closed lids over the eyes (21, 24, 29),
blurred (32, 47), shouting (49)."""

_MORE = (
    *(60, 62, 64, 65, 66, 67, 69, 70, 71, 72, 73, 74, 76, 77, 78, 81, 82, 83, 86, 87, 88, 93, 95, 97, 98),
    *(101, 103, 104, 106, 107, 109, 113, 114, 116, 117, 118, 120, 121, 122, 124, 127, 128, 129),
)
"""Good ones that the bad ones are made of."""

_AS_THEY_ARE = (
    ("turned, as it is", Reason.TURNED, (20, 39, 84)),
    ("sunglasses, as it is", Reason.COVERED, (105,)),
    ("hand, as it is", Reason.COVERED, (61,)),
)
_SEED = 11

Make = Callable[[Picture, defects.Points, Picture, np.random.Generator], Picture]

_MADE: List[Tuple[str, int, Reason, Make]] = [
    ("out of focus", 4, Reason.BLURRED, lambda p, _, __, r: defects.blurred(p, float(r.uniform(2, 4)))),
    ("shaken", 3, Reason.BLURRED, lambda p, _, __, r: defects.shaken(p, int(r.integers(9, 16)))),
    ("dark", 5, Reason.DARK, lambda p, _, __, r: defects.exposed(p, float(r.uniform(0.02, 0.05)), r)),
    ("burnt", 4, Reason.BURNT, lambda p, _, __, r: defects.exposed(p, float(r.uniform(6, 12)), r)),
    ("far away", 5, Reason.SMALL, lambda p, _, __, r: defects.shrunk(p, float(r.uniform(0.25, 0.5)))),
    ("two people", 4, Reason.SEVERAL, lambda p, _, other, __: defects.beside(p, other)),
    ("cropped", 3, Reason.CUT_OFF, lambda p, points, _, r: defects.cut(p, points, r)),
    (
        "turned, drawn",
        2,
        Reason.TURNED,
        lambda p, points, _, r: defects.turned(p, points, float(r.choice((-1, 1)) * r.uniform(45, 60))),
    ),
    ("mask", 1, Reason.COVERED, lambda p, points, _, r: defects.masked(p, points, r)),
    ("sunglasses", 1, Reason.COVERED, lambda p, points, _, r: defects.shaded(p, points, r)),
    ("hand", 1, Reason.COVERED, lambda p, points, _, r: defects.handed(p, points, r)),
    ("no face", 2, Reason.NO_FACE, lambda p, _, __, ___: np.ascontiguousarray(p[:50])),
]


@dataclass(frozen=True)
class Row:
    """What a picture is, what the gate should say, and what it said."""

    picture: str
    wanted: str
    said: str


def main(arguments: Optional[List[str]] = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as cache, closing(reader(Path(cache))) as faces:
        rows = list(_rows(faces))
    if given.json:
        figures = {"right": _decided(rows), "named": _named(rows), "of": len(rows)}
        print(json.dumps({**figures, "rows": [asdict(row) for row in rows]}, indent=2))
    else:
        print(_table(rows))


def _rows(faces: FaceReader) -> Iterator[Row]:
    _, judged = parts()
    rng = np.random.default_rng(_SEED)

    def said(name: str, wanted: Reason, picture: Picture) -> Row:
        return Row(name, wanted.value, judge(faces, picture).reason.value)

    for index in GOOD:
        yield said("good", Reason.ACCEPTED, _read(judged[index]))
    for name, wanted, indices in _AS_THEY_ARE:
        for index in indices:
            yield said(name, wanted, _read(judged[index]))
    more = iter(_MORE)
    for name, count, wanted, make in _MADE:
        for _ in range(count):
            picture, other = _read(judged[next(more)]), _read(judged[_MORE[-1]])
            points = faces.find([picture])[0][0].landmarks
            yield said(name, wanted, make(picture, points, other, rng))


def _read(path: Path) -> Picture:
    return np.asarray(cv2.imread(str(path)), np.uint8)


def _decided(rows: List[Row]) -> int:
    """How many were rightly let through or refused."""
    return sum((row.wanted == "accepted") == (row.said == "accepted") for row in rows)


def _named(rows: List[Row]) -> int:
    """How many of them for the right reason, too."""
    return sum(row.wanted == row.said for row in rows)


def _table(rows: List[Row]) -> str:
    lines = ["| picture | said | how many | |", "|---|---|---|---|"]
    for (picture, wanted, said), count in Counter(
        (row.picture, row.wanted, row.said) for row in rows
    ).items():
        lines.append(f"| {picture} | {said} | {count} | {'' if said == wanted else f'**not {wanted}**'} |")
    share = _decided(rows) / len(rows)
    total = f"{_decided(rows)} of {len(rows)} rightly let through or refused ({share:.1%})"
    return "\n".join([*lines, "", f"{total}, {_named(rows)} for the right reason"])


if __name__ == "__main__":
    main()
