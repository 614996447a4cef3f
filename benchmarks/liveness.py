"""How well a door tells a head that turns from a print: `python -m benchmarks.liveness FACES [--json]`.

Flat: portraits of FACES (an LFW folder), each as a print that a hand moves before the camera for a minute:
tilted, turned, shifted and brought nearer in perspective, with noise and JPEG; landmarks by the real
detector, judged by the door as the agent runs it, which is taken to recognise the person in every look.
Heads: a solid of five points (rough average proportions) that turns aside and back, seen in perspective,
with the jitter that the detector showed on prints that do not move. The heads are a model: what the detector
makes of real heads that turn is not in these figures.
"""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from agent.config.settings import FacesSettings
from agent.domain.evidence import ModelInfo
from agent.domain.face import Nearest
from agent.domain.face_event import FaceEventKind
from agent.domain.moment import Moment
from agent.domain.policy.recognition import Known, RecognitionSettings, Verdict
from agent.faces.liveness import LEAST_DEPTH, depth
from agent.inference.registry import load_face_detector
from agent.pipeline.appearances import Sighting
from agent.pipeline.door import FLAT, Door, DoorRules
from agent.ports import Face, FaceDetector, Frame, Picture

LOOKS_PER_SECOND = 5
LOOKS = 20  # the four seconds that the door takes into account
MINUTE = 60 * LOOKS_PER_SECOND
_POSE_LASTS = 15
_SEED = 20261126
_MODEL = ModelInfo("prints", "0" * 64, "none", "fp32", {})
_Points = npt.NDArray[np.float64]
_Look = Optional[Face]

HEAD_MM: _Points = np.array([[-32.0, 0, 0], [32, 0, 0], [0, 36, 28], [-26, 70, 6], [26, 70, 6]])
"""Eyes, tip of the nose, corners of the mouth; z towards the camera."""


def main(arguments: Optional[List[str]] = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("faces", type=Path)
    parser.add_argument("--prints", type=int, default=60, help="so many flat pictures (default 60)")
    parser.add_argument("--heads", type=int, default=1000, help="so many heads a row (default 1000)")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    given = parser.parse_args(arguments)
    random = np.random.default_rng(_SEED)
    files = sorted(given.faces.rglob("*.jpg"))
    chosen = [files[index] for index in random.permutation(len(files))[: given.prints]]
    with closing(load_face_detector(FacesSettings())) as detector:
        jitter = float(np.mean([_jitter(detector, file, random) for file in chosen[:20]]))
        prints = [_minute(detector, file, random) for file in chosen]
    found = {
        "looks": LOOKS,
        "least_depth": LEAST_DEPTH,
        "jitter": round(jitter, 4),
        "prints": len(prints),
        "let_in_at_the_first_try": sum(_let_in(looks, first_try=True) for looks in prints),
        "let_in_within_a_minute": sum(_let_in(looks) for looks in prints),
        "depth_somewhere_within_a_minute": sum(_deepest(looks) >= LEAST_DEPTH for looks in prints),
        "prints_depth": _quantiles([_deepest(looks) for looks in prints]),
        "heads": [_row(turn, jitter, given.heads, random) for turn in (0, 10, 20, 30, 40, 50)],
    }
    print(json.dumps(found, indent=2) if given.json else _table(found))


def _jitter(detector: FaceDetector, file: Path, random: np.random.Generator) -> float:
    """How much the landmarks of a print that stands still move, in distances between the eyes."""
    picture = _read(file)
    looks = [_face(detector, _noisy(_placed(picture, np.eye(3)), random)) for _ in range(LOOKS)]
    still = np.array([face.landmarks for face in looks if face is not None], np.float64)
    eyes = float(np.linalg.norm(still[:, 1] - still[:, 0], axis=1).mean())
    return float(still.std(axis=0).mean()) / eyes


def _minute(detector: FaceDetector, file: Path, random: np.random.Generator) -> List[_Look]:
    """What the detector sees of a print that a hand moves for a minute; None where it sees no face."""
    picture = _read(file)
    return [_face(detector, _noisy(_placed(picture, pose), random)) for pose in _motion(random)]


def _motion(random: np.random.Generator) -> Iterator[_Points]:
    """Homographies of a print of 300 mm that a hand moves and turns by up to 35 degrees, 700 mm away: to
    another pose every three seconds."""
    poses = MINUTE // _POSE_LASTS + 1
    turns = random.uniform(-35, 35, (poses, 3)) * np.array([1, 1, 0.5])
    shifts = random.uniform(-60, 60, (poses, 3)) + np.array([0, 0, 700])
    for look in range(MINUTE):
        pose, share = look // _POSE_LASTS, look % _POSE_LASTS / _POSE_LASTS
        yaw, pitch, roll = np.radians(turns[pose] + share * (turns[pose + 1] - turns[pose]))
        x, y, z = shifts[pose] + share * (shifts[pose + 1] - shifts[pose])
        rotation = _rotation(yaw, pitch, roll)
        yield np.column_stack([rotation[:, 0], rotation[:, 1], [x, y, z]])


def _let_in(looks: Sequence[_Look], first_try: bool = False) -> bool:
    """Whether the door lets the print in, before it refuses it for the first time or at all."""
    door = Door("door", DoorRules(), RecognitionSettings(), lambda: "event")
    began = datetime(2026, 1, 1, tzinfo=timezone.utc)
    for number, face in enumerate(looks):
        at = Moment(began + timedelta(seconds=number / LOOKS_PER_SECOND), number / LOOKS_PER_SECOND)
        frame = Frame("door", np.zeros((480, 640, 3), np.uint8), at, at.monotonic, number)
        seen = [] if face is None else [Sighting(1, face, _SURE, Nearest(1, 0.3, 0.9))]
        for event in door.look(seen, frame, None, _MODEL):
            if event.kind is FaceEventKind.AUTHENTICATED:
                return True
            if first_try and event.reason == FLAT:
                return False
    return False


_SURE = Verdict(1, Known.KNOWN, 1.0, 0.3)


def _deepest(looks: Sequence[_Look]) -> float:
    """The most depth that is seen in any four seconds."""
    shapes = [None if face is None else face.landmarks for face in looks]
    starts = range(len(looks) - LOOKS + 1)
    return max(depth([one for one in shapes[at : at + LOOKS] if one is not None]) for at in starts)


def _read(file: Path) -> Picture:
    picture = cv2.imread(str(file))
    if picture is None:
        raise SystemExit(f"{file} is no picture")
    return np.asarray(picture, np.uint8)


def _face(detector: FaceDetector, picture: Picture) -> _Look:
    """The largest."""
    faces = detector.find([picture])[0]
    return faces[0] if faces else None


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
        f"prints let in at the first try: {found['let_in_at_the_first_try']} of {found['prints']}",
        f"prints let in within a minute: {found['let_in_within_a_minute']} of {found['prints']}",
        f"prints with enough depth in some four seconds of it: {found['depth_somewhere_within_a_minute']}",
        f"the most depth of prints: {found['prints_depth']}",
    ]
    lines += [f"head turning {one['turn_degrees']:>2} degrees: {one}" for one in heads]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
