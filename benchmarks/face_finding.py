"""How well a shipped detector finds faces: in portraits, by their size, and where there is none.

    python -m benchmarks.face_finding ../shared [--bundle yunet-wide]

Reads faces/lfw (portraits of 250 x 250) and data/coco (pictures without people). Faces of a known height are
those of portraits side by side on a wall of 1920 x 1080, in whose pixels heights are. Drawn by a fixed seed.
Prints JSON.
"""

from __future__ import annotations

import json
import random
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import cv2
import numpy as np
import typer

from agent.inference.bundle import load_bundle
from agent.inference.faces import YuNet
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import Face, Picture

SEED = 3
SCORES = (0.4, 0.5, 0.6, 0.7, 0.8)
HEIGHTS = (24, 36, 48, 60, 72, 96, 120, 144, 192, 288)
PORTRAITS, ON_WALLS, ON_A_WALL = 1000, 240, 60
WIDTH, HEIGHT = 1920, 1080
FACE_SHARE = 0.51
"""A face's height as a share of its portrait's: the median box of the detector itself."""


def main(
    shared: Path = typer.Argument(..., help="The folder with faces/ and data/coco/."),
    name: str = typer.Option("yunet", "--bundle"),
) -> None:
    rng = random.Random(SEED)
    portraits = rng.sample(sorted((shared / "faces" / "lfw").glob("*/*.jpg")), PORTRAITS)
    bundle = load_bundle(name, "face-detection")
    with closing(YuNet(bundle, OnnxRuntimeSession(bundle, 1), min(SCORES))) as detector:
        told = {
            "bundle": name,
            "portraits": _portraits(detector, portraits),
            "scenes without people": _false(detector, _without_people(shared / "data" / "coco")),
            "by height of the face": _by_height(detector, portraits),
            "median_ms_one_thread": _median_ms(detector, np.zeros((HEIGHT, WIDTH, 3), np.uint8)),
        }
    typer.echo(json.dumps(told, indent=2))


def _portraits(detector: YuNet, paths: Sequence[Path]) -> Dict[str, Any]:
    best = []
    for path in paths:
        picture = _read(path)
        middle = picture.shape[1] / 2, picture.shape[0] / 2
        best.append(_best(detector.find([picture])[0], middle, picture.shape[0] / 4))
    return {"n": len(paths), "found": _shares(best)}


def _false(detector: YuNet, scenes: Sequence[Picture]) -> Dict[str, Any]:
    best = [max((face.score for face in detector.find([scene])[0]), default=0.0) for scene in scenes]
    return {"n": len(scenes), "with a face": {f"{at:g}": sum(one >= at for one in best) for at in SCORES}}


def _by_height(detector: YuNet, paths: Sequence[Path]) -> Dict[str, Any]:
    told: Dict[str, Any] = {}
    for height in HEIGHTS:
        best: List[float] = []
        left = list(paths)
        while left and len(best) < ON_WALLS:
            wall, middles = _wall(left, round(height / FACE_SHARE))
            found = detector.find([wall])[0]
            best += [_best(found, middle, height / 2) for middle in middles]
        told[str(height)] = {"n": len(best), **_shares(best)}
    return told


def _wall(left: List[Path], side: int) -> Tuple[Picture, List[Tuple[float, float]]]:
    """Portraits taken from `left`, shrunk to `side`, and where their middles are."""
    wall: Picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    middles: List[Tuple[float, float]] = []
    for top in range(0, HEIGHT - side + 1, side):
        for at in range(0, WIDTH - side + 1, side):
            if not left or len(middles) == ON_A_WALL:
                return wall, middles
            portrait = cv2.resize(_read(left.pop()), (side, side), interpolation=cv2.INTER_AREA)
            wall[top : top + side, at : at + side] = portrait
            middles.append((at + side / 2, top + side / 2))
    return wall, middles


def _best(faces: Sequence[Face], middle: Tuple[float, float], within: float) -> float:
    """The highest score of a face whose middle lies near `middle`."""
    near = [
        face.score
        for face in faces
        if abs((face.box.left + face.box.right) / 2 - middle[0]) <= within
        and abs((face.box.top + face.box.bottom) / 2 - middle[1]) <= within
    ]
    return max(near, default=0.0)


def _shares(best: Sequence[float]) -> Dict[str, float]:
    return {f"{at:g}": round(sum(one >= at for one in best) / len(best), 4) for at in SCORES}


def _median_ms(detector: YuNet, picture: Picture) -> float:
    taken = []
    for _ in range(50):
        began = time.perf_counter()
        detector.find([picture])
        taken.append(time.perf_counter() - began)
    return round(1000 * float(np.median(taken)), 1)


def _without_people(coco: Path) -> List[Picture]:
    (annotations,) = (coco / "annotations").glob("*.json")
    told = json.loads(annotations.read_text(encoding="utf-8"))
    (person,) = [one["id"] for one in told["categories"] if one["name"] == "person"]
    peopled = {one["image_id"] for one in told["annotations"] if one["category_id"] == person}
    names = [one["file_name"] for one in told["images"] if one["id"] not in peopled]
    return [_read(coco / "val2017" / name) for name in sorted(names)]


def _read(path: Path) -> Picture:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise typer.BadParameter(f"{path} is no picture")
    return np.asarray(picture, np.uint8)


if __name__ == "__main__":
    typer.run(main)
