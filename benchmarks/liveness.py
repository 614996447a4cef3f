"""How well a head that turns is told from a flat picture: `python -m benchmarks.liveness FACES [--json]`.

Flat: portraits of FACES (an LFW folder), each as a print that a hand moves before the camera: tilted, turned,
shifted and brought nearer in perspective, with noise and JPEG; landmarks by the real detector. Heads: a solid
of five points (rough average proportions) that turns aside and back, seen in perspective, with the jitter
that the detector showed on prints that do not move. The heads are a model: what the detector makes of real
heads that turn is not in these figures.
"""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Tuple

import cv2
import numpy as np
import numpy.typing as npt

from agent.config.settings import FacesSettings
from agent.faces.liveness import LEAST_DEPTH, depth
from agent.inference.registry import load_face_detector
from agent.ports import FaceDetector, Picture

LOOKS = 15  # 3 s at 5 looks a second
_SEED = 20261126
_Points = npt.NDArray[np.float64]

HEAD_MM: _Points = np.array([[-32.0, 0, 0], [32, 0, 0], [0, 36, 28], [-26, 70, 6], [26, 70, 6]])
"""Eyes, tip of the nose, corners of the mouth; z towards the camera."""


def main(arguments: Optional[List[str]] = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("faces", type=Path)
    parser.add_argument("--prints", type=int, default=150, help="so many flat pictures (default 150)")
    parser.add_argument("--heads", type=int, default=2000, help="so many heads a row (default 2000)")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    given = parser.parse_args(arguments)
    random = np.random.default_rng(_SEED)
    with closing(load_face_detector(FacesSettings())) as detector:
        jitter, flat = _flat(detector, sorted(given.faces.rglob("*.jpg")), given.prints, random)
    found = {
        "looks": LOOKS,
        "least_depth": LEAST_DEPTH,
        "jitter": round(jitter, 4),
        "prints": len(flat),
        "prints_taken_for_heads": sum(one >= LEAST_DEPTH for one in flat),
        "prints_depth": _quantiles(flat),
        "heads": [_row(turn, jitter, given.heads, random) for turn in (0, 10, 20, 30, 40, 50)],
    }
    print(json.dumps(found, indent=2) if given.json else _table(found))


def _flat(
    detector: FaceDetector, files: List[Path], wanted: int, random: np.random.Generator
) -> Tuple[float, List[float]]:
    """The jitter of the landmarks of a print that stands still, and the depth of each print that moves."""
    jitters, depths = [], []
    for index in random.permutation(len(files)):
        picture = cv2.imread(str(files[index]))
        if picture is None:
            continue
        still = _landmarks(detector, (_noisy(_placed(picture, np.eye(3)), random) for _ in range(LOOKS)))
        moved = _landmarks(detector, (_noisy(_placed(picture, one), random) for one in _motion(random)))
        if still is None or moved is None:
            continue
        eyes = float(np.linalg.norm(still[:, 1] - still[:, 0], axis=1).mean())
        jitters.append(float(still.std(axis=0).mean()) / eyes)
        depths.append(depth(list(moved)))
        if len(depths) == wanted:
            break
    return float(np.mean(jitters)), depths


def _motion(random: np.random.Generator) -> Iterator[_Points]:
    """Homographies of a print of 300 mm that a hand moves and turns by up to 35 degrees, 700 mm away."""
    turns = random.uniform(-35, 35, (2, 3)) * np.array([1, 1, 0.5])
    shifts = random.uniform(-60, 60, (2, 3)) + np.array([0, 0, 700])
    for share in np.linspace(0, 1, LOOKS):
        yaw, pitch, roll = np.radians(turns[0] + share * (turns[1] - turns[0]))
        x, y, z = shifts[0] + share * (shifts[1] - shifts[0])
        rotation = _rotation(yaw, pitch, roll)
        yield np.column_stack([rotation[:, 0], rotation[:, 1], [x, y, z]])


def _placed(picture: Picture, pose: _Points) -> Picture:
    """The print (300 mm wide) in a picture of 640 x 480 by a camera of 600 pixels' focal length."""
    side = picture.shape[0]
    millimetres = np.array([[300 / side, 0, -150], [0, 300 / side, -150], [0, 0, 1.0]])
    camera = np.array([[600, 0, 320], [0, 600, 240], [0, 0, 1.0]])
    still = np.column_stack([np.eye(3)[:, 0], np.eye(3)[:, 1], [0, 0, 700]])
    homography = camera @ (still if np.array_equal(pose, np.eye(3)) else pose) @ millimetres
    return np.asarray(
        cv2.warpPerspective(picture, homography, (640, 480), borderValue=(90, 90, 90)), np.uint8
    )


def _noisy(picture: Picture, random: np.random.Generator) -> Picture:
    noisy = np.clip(picture + random.normal(0, 4, picture.shape), 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 85])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _landmarks(detector: FaceDetector, pictures: Iterator[Picture]) -> Optional[_Points]:
    """LOOKS x 5 x 2 of the largest face; None where one is missed."""
    found = []
    for picture in pictures:
        faces = detector.find([picture])[0]
        if not faces:
            return None
        found.append(faces[0].landmarks)
    return np.array(found, np.float64)


def _row(turn: int, jitter: float, heads: int, random: np.random.Generator) -> Dict[str, object]:
    depths = [_head(turn, jitter, random) for _ in range(heads)]
    return {
        "turn_degrees": turn,
        "taken_for_heads": round(float(np.mean([one >= LEAST_DEPTH for one in depths])), 3),
        "depth": _quantiles(depths),
    }


def _head(turn: float, jitter: float, random: np.random.Generator) -> float:
    """A head that turns aside by `turn` degrees and back, nodding by a third of it, 800 mm away."""
    size = random.normal(1, 0.08, HEAD_MM.shape)
    size[:, 2] = random.normal(1, 0.2)
    looks = []
    for share in np.sin(np.linspace(0, np.pi, LOOKS)):
        rotation = _rotation(np.radians(turn * share), np.radians(turn * share / 3), 0)
        points = (HEAD_MM * size) @ rotation.T
        seen = points[:, :2] / (800 - points[:, 2:]) * 800
        looks.append(seen + random.normal(0, jitter * 64, seen.shape))
    return depth([look.astype(np.float32) for look in looks])


def _rotation(yaw: float, pitch: float, roll: float) -> _Points:
    sines, cosines = np.sin([yaw, pitch, roll]), np.cos([yaw, pitch, roll])
    about_y = np.array([[cosines[0], 0, sines[0]], [0, 1, 0], [-sines[0], 0, cosines[0]]])
    about_x = np.array([[1, 0, 0], [0, cosines[1], -sines[1]], [0, sines[1], cosines[1]]])
    about_z = np.array([[cosines[2], -sines[2], 0], [sines[2], cosines[2], 0], [0, 0, 1]])
    return np.asarray(about_z @ about_x @ about_y)


def _quantiles(values: List[float]) -> Dict[str, float]:
    return {f"p{at}": round(float(np.percentile(values, at)), 4) for at in (1, 50, 95, 99)}


def _table(found: Dict[str, object]) -> str:
    heads: object = found["heads"]
    assert isinstance(heads, list)
    lines = [
        f"jitter of the landmarks: {found['jitter']} distances between the eyes",
        f"prints taken for heads: {found['prints_taken_for_heads']} of {found['prints']}",
        f"depth of prints: {found['prints_depth']}",
    ]
    lines += [f"head turning {one['turn_degrees']:>2} degrees: {one}" for one in heads]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
