"""The veil with the detector that ships, over real faces."""

from __future__ import annotations

from pathlib import Path
from typing import List

import cv2
import numpy as np
import pytest

from agent.clock import SystemClock
from agent.faces.veil import Veil, eager_detector
from agent.ports import Picture

LFW = Path(__file__).parents[3] / "shared" / "faces" / "lfw"
SIDE = 250
PLACES = ((40, 40), (400, 60), (760, 380), (1000, 200))


@pytest.fixture(scope="module")
def portraits() -> List[Picture]:
    files = sorted(LFW.glob("A*/*_0001.jpg"))[: len(PLACES)]
    if not files:
        pytest.skip("no pictures with faces beside the checkout (../shared/faces)")
    return [np.asarray(cv2.imread(str(file)), np.uint8) for file in files]


@pytest.mark.parametrize("side", [250, 125, 90])
def test_nobody_is_found_under_it(portraits: List[Picture], side: int) -> None:
    """The faces are 90, 45 and 32 pixels wide, about."""
    picture = np.full((720, 1280, 3), 110, np.uint8)
    for portrait, (left, top) in zip(portraits, PLACES):
        picture[top : top + side, left : left + side] = cv2.resize(
            portrait, (side, side), interpolation=cv2.INTER_AREA
        )
    veiled = Veil(eager_detector, SystemClock(), within_s=60.0).over(picture)
    detector = eager_detector()
    for left, top in PLACES:
        place = (slice(top, top + side), slice(left, left + side))
        assert any(face.score > 0.6 for face in detector.find([picture[place]])[0])
        assert not [face for face in detector.find([veiled.picture[place]])[0] if face.score > 0.6]
    assert veiled.note is None
    detector.close()
