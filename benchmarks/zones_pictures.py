"""Pictures each rule of docs/zones.md at the look at which it first holds.

    python -m benchmarks.zones_pictures docs

Reads the examples from DOCS/zones.md, lets things move over a drawn street before the agent's own policy, and
writes DOCS/images/zones-*.png.
"""

from __future__ import annotations

import itertools
import re
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import cv2
import numpy as np
from ruamel.yaml import YAML

from agent.config.object_policy import object_policy_settings
from agent.config.object_settings import CameraObjectSettings
from agent.config.polygons import corners, ends
from agent.domain.box import Box
from agent.domain.detection import Detection, Tracked
from agent.domain.evidence import ModelInfo
from agent.domain.geometry import Line, Point
from agent.domain.incident import Change
from agent.domain.moment import Moment
from agent.domain.policy.objects import ObjectPolicy
from agent.domain.zone import Zone
from agent.ports import Picture
from agent.vision.annotate import caption
from agent.vision.grid import enlarged, gridded, with_scales, with_ways
from agent.vision.mask import blacked_out
from agent.vision.overlay import overlaid

_WIDTH, _HEIGHT = 960, 540
_LOOK_S = 0.2
_AT = datetime(2026, 1, 15, 22, 30, tzinfo=timezone.utc)
_MODEL = ModelInfo("yolox-nano", "", "onnxruntime", "fp32", {})
_EXAMPLE = re.compile(
    r"```yaml\n((?:zones|lines|rules):\n.*?)```\s*!\[[^\]]*\]\(images/(zones-[a-z-]+\.png)\)", re.S
)
_SIZES = {"person": (0.35, 1.0), "car": (1.5, 0.85), "dog": (0.55, 0.4), "suitcase": (0.28, 0.35)}
"""Width and height of things by the height of a person beside them, in pixels of the picture."""
_GROUNDS = {"person": (70, 60, 50), "car": (150, 60, 40), "dog": (60, 90, 130), "suitcase": (40, 60, 150)}

Stops = Sequence[Tuple[float, float, float]]
"""Where something is when: seconds, x, y. Before the first and after the last it is not there."""
Actor = Tuple[str, Stops]

ACTORS: Dict[str, List[Actor]] = {
    "zones-enter.png": [("person", [(0, 0.05, 0.8), (8, 0.8, 0.75)])],
    "zones-leave.png": [("dog", [(0, 0.5, 0.8), (4, 0.55, 0.75), (9, 0.95, 0.8)])],
    "zones-loiter.png": [("person", [(0, 0.2, 0.7), (5, 0.7, 0.68), (90, 0.7, 0.68)])],
    "zones-count.png": [
        ("person", [(0, 0.2, 0.7), (60, 0.22, 0.72)]),
        ("person", [(0, 0.35, 0.6), (60, 0.36, 0.61)]),
        ("person", [(0, 0.5, 0.9), (60, 0.52, 0.9)]),
        ("person", [(0, 0.65, 0.65), (60, 0.66, 0.66)]),
        ("person", [(2, 0.98, 0.6), (6, 0.8, 0.8), (60, 0.81, 0.8)]),
    ],
    "zones-left-behind.png": [
        ("suitcase", [(0, 0.05, 0.75), (4, 0.4, 0.76), (120, 0.4, 0.76)]),
        ("person", [(0, 0.08, 0.75), (4, 0.44, 0.75), (8, 0.44, 0.75), (14, 0.98, 0.7)]),
        ("person", [(20, 0.98, 0.85), (27, 0.02, 0.82)]),
    ],
    "zones-wrong-way.png": [
        ("car", [(0, 0.4, 0.95), (4, 0.52, 0.5)]),
        ("car", [(3, 0.56, 0.52), (8, 0.5, 0.95)]),
    ],
    "zones-line.png": [("person", [(0, 0.55, 0.52), (6, 0.45, 0.95)])],
}


def examples(page: str) -> Dict[str, CameraObjectSettings]:
    """The settings of each example of the page, by the name of its picture."""
    found = {}
    for text, name in _EXAMPLE.findall(page):
        section: Dict[str, Any] = YAML(typ="safe").load(text)
        found[name] = CameraObjectSettings.model_validate(section)
    return found


def main(docs: Path) -> None:
    for name, section in examples((docs / "zones.md").read_text(encoding="utf-8")).items():
        picture, told = _first_told(section, ACTORS[name])
        _write(docs / "images" / name, picture)
        print(f"{name}: {told}")
    zones = {
        "yard": "0.1,0.55 0.9,0.55 0.98,0.98 0.02,0.98",
        "window (mask)": "0.12,0.12 0.3,0.12 0.3,0.4 0.12,0.4",
    }
    masked = gridded(enlarged(blacked_out(_street(), [corners(zones["window (mask)"])])))
    shown = [Zone(zone, corners(polygon)) for zone, polygon in zones.items()]
    lines = [Line("kerb", *ends("0.2,0.75 0.8,0.75"))]
    _write(
        docs / "images" / "zones-grid.png",
        with_scales(with_ways(overlaid(masked, (), shown, lines), {"one-way": ends("0.3,0.92 0.6,0.62")})),
    )


def _first_told(section: CameraObjectSettings, actors: Sequence[Actor]) -> Tuple[Picture, str]:
    numbers = itertools.count(1)
    policy = ObjectPolicy("street", object_policy_settings(section), lambda: f"o{next(numbers)}")
    trails: Dict[int, List[Point]] = {}
    for look in itertools.count():
        at_s = look * _LOOK_S
        things = _things(actors, at_s)
        for thing in things:
            box = thing.detection.box
            trails.setdefault(thing.track, []).append(((box.left + box.right) / 2, box.bottom))
        for one in policy.look(things, Moment(_AT, 0.0).plus(at_s), _MODEL, _WIDTH / _HEIGHT):
            if isinstance(one, Change):
                told = (
                    f"incident {one.transition.value}: {one.incident.reason}, {one.incident.severity.value}"
                )
            else:
                way = f" {one.direction}" if one.direction else ""
                told = f"event {one.kind.value}{way}: {one.rule}"
            text = f"after {at_s:.1f} s  {told}"
            return caption(_drawn(section, things, trails), text), text
    raise AssertionError("unreachable")


def _things(actors: Sequence[Actor], at_s: float) -> List[Tracked]:
    found = []
    for track, (label, path) in enumerate(actors, 1):
        times = [when for when, _, _ in path]
        if not times[0] <= at_s <= times[-1]:
            continue
        x, y = (float(np.interp(at_s, times, [stop[axis] for stop in path])) for axis in (1, 2))
        person_px = 60 + 260 * (y - 0.45)
        width, height = (share * person_px for share in _SIZES[label])
        box = Box(x - width / 2 / _WIDTH, y - height / _HEIGHT, x + width / 2 / _WIDTH, y)
        found.append(Tracked(track, label, Detection(label, 0.86, box)))
    return found


def _drawn(
    section: CameraObjectSettings, things: Sequence[Tracked], trails: Dict[int, List[Point]]
) -> Picture:
    canvas = _street()
    for trail in trails.values():
        for x, y in trail[::3]:
            cv2.circle(
                canvas, (round(x * _WIDTH), round(y * _HEIGHT)), 3, (245, 245, 245), cv2.FILLED, cv2.LINE_AA
            )
    for thing in sorted(things, key=lambda one: one.detection.box.bottom):
        _figure(canvas, thing)
    ways = {rule.name: ends(rule.way) for rule in section.rules or [] if rule.way is not None}
    zones = [Zone(zone.name, corners(zone.polygon)) for zone in section.zones or []]
    lines = [Line(line.name, *ends(line.points)) for line in section.lines or []]
    return with_ways(overlaid(canvas, things, zones, lines), ways)


def _street() -> Picture:
    """Houses, pavements and a road that leads away from the camera."""
    canvas: Picture = np.full((_HEIGHT, _WIDTH, 3), (205, 190, 175), np.uint8)
    horizon = round(_HEIGHT * 0.45)
    canvas[horizon:] = (150, 150, 150)
    for left, right, colour in (
        (0, 0.34, (110, 120, 150)),
        (0.34, 0.5, (120, 140, 170)),
        (0.62, 1.0, (100, 115, 140)),
    ):
        canvas[40:horizon, round(left * _WIDTH) : round(right * _WIDTH)] = colour
    for x in (0.06, 0.16, 0.26, 0.39, 0.68, 0.78, 0.88):
        for y in (0.15, 0.28):
            left, top = round(x * _WIDTH), round(y * _HEIGHT)
            canvas[top : top + 40, left : left + 34] = (90, 80, 70)
    road = np.array([(0.5, 0.45), (0.62, 0.45), (0.85, 1.0), (0.15, 1.0)]) * (_WIDTH, _HEIGHT)
    cv2.fillPoly(canvas, [road.astype(np.int32)], (105, 105, 105))
    return canvas


def _figure(canvas: Picture, thing: Tracked) -> None:
    box = thing.detection.box
    left, right = round(box.left * _WIDTH), round(box.right * _WIDTH)
    top, bottom = round(box.top * _HEIGHT), round(box.bottom * _HEIGHT)
    colour, dark = _GROUNDS[thing.label], (30, 30, 30)
    width, height, middle = right - left, bottom - top, (left + right) // 2
    if thing.label == "person":
        cv2.ellipse(
            canvas,
            (middle, top + height * 5 // 8),
            (width * 2 // 5, height * 3 // 8),
            0,
            0,
            360,
            colour,
            -1,
            cv2.LINE_AA,
        )
        cv2.circle(canvas, (middle, top + height // 8), height // 8, (150, 175, 215), -1, cv2.LINE_AA)
    elif thing.label == "car":
        cv2.rectangle(canvas, (left, top + height * 2 // 5), (right, bottom - height // 8), colour, -1)
        cv2.rectangle(canvas, (left + width // 6, top), (right - width // 6, top + height // 2), dark, -1)
        for x in (left + width // 5, right - width // 5):
            cv2.circle(canvas, (x, bottom - height // 8), height // 8, dark, -1, cv2.LINE_AA)
    else:
        cv2.rectangle(canvas, (left, top + height // 5), (right, bottom), colour, -1)
        cv2.rectangle(canvas, (middle - width // 5, top), (middle + width // 5, top + height // 5), dark, 2)


def _write(path: Path, picture: Picture) -> None:
    if not cv2.imwrite(str(path), picture, [cv2.IMWRITE_PNG_COMPRESSION, 9]):
        raise OSError(f"{path} cannot be written")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
