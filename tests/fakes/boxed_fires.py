"""Made-up pictures with boxed flames and smoke, in YOLO's layout."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

FLAMES, SMOKE, STREET = (20, 120, 250), (210, 210, 210), (90, 90, 90)


def make(root: Path, number: int, scale: int = 1) -> Path:
    """`number` pictures of 80 x 60 pixels times `scale`, of which each fourth has nothing and all others a
    flame and smoke apart from it, of 20 x 20; returns `root`."""
    for folder in ("images", "labels"):
        (root / folder).mkdir(parents=True)
    (root / "data.yaml").write_text("names: [fire, smoke]\n")
    for one in range(number):
        picture = np.full((60, 80, 3), STREET, np.uint8)
        picture[0, 0] = one  # no two are the same file
        lines = []
        if one % 4:
            picture[10:30, 20:40], picture[35:55, 50:70] = FLAMES, SMOKE
            lines = ["0 0.375 0.333333 0.25 0.333333", "1 0.75 0.75 0.25 0.333333"]
        large = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
        cv2.imwrite(str(root / "images" / f"{one}.png"), large)
        (root / "labels" / f"{one}.txt").write_text("\n".join(lines))
    return root
