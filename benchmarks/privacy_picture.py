"""Draws what stays on the device beside what leaves it.

    python -m benchmarks.privacy_picture PORTRAIT SCENE OUT

The face of the portrait is put into the scene in four sizes. docs/images/privacy-veil.jpg was made of the
portrait of Eileen Collins by NASA (public domain; scikit-image carries it as astronaut.png) and of
docs/images/scene-flame.jpg.
"""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

import numpy as np
import typer

from agent.clock import SystemClock
from agent.domain.incident import Incident, Kind
from agent.errors import InferenceError
from agent.faces.veil import Veil, eager_detector
from agent.ports import FaceDetector, Picture
from agent.vision.annotate import annotate, caption, encode_jpeg
from agent.vision.preprocess import resized
from benchmarks.privacy_scenes import Portrait, paste, read

_PLACES = ((120, (90, 330)), (70, (430, 420)), (40, (640, 450)), (24, (800, 470)))
_SIZE = (1280, 720)


def main(portrait: Path, scene: Path, out: Path) -> None:
    """Write a JPEG of three pictures, one above the other."""
    clock = SystemClock()
    picture = resized(read(scene), *_SIZE)
    shown = read(portrait)
    (face, *_) = eager_detector().find([shown])[0]
    for size, place in _PLACES:
        paste(picture, Portrait(shown, face), size, place)
    change = Incident.open("i", "gate", Kind.FIRE, clock.now(), 0.93)
    parts = [caption(picture, "stays on the device")]
    for veil in (Veil(eager_detector, clock, within_s=60.0), Veil(_broken, clock)):
        veiled = veil.over(picture)
        parts.append(annotate(veiled.picture, change, "Market square", veiled.note))
    out.write_bytes(encode_jpeg(_stacked(parts), 85))


def _broken() -> FaceDetector:
    raise InferenceError("there is no detector")


def _stacked(parts: Sequence[Picture]) -> Picture:
    return np.ascontiguousarray(
        np.vstack([resized(one, _SIZE[0] * 5 // 8, _SIZE[1] * 5 // 8) for one in parts])
    )


if __name__ == "__main__":
    typer.run(main)
