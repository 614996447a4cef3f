"""Class folders of made-up pictures that a network can learn in seconds."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

COLOURS = {"fire": (0, 0, 230), "start-fire": (200, 200, 200), "no-fire": (0, 90, 0)}


def make(root: Path, each: int, side: int = 48) -> Path:
    """`each` noisy pictures of one colour (BGR) per class, all different; returns `root`."""
    rng = np.random.default_rng(3)
    for label, colour in COLOURS.items():
        (root / label).mkdir(parents=True)
        for number in range(each):
            noisy = np.array(colour) + rng.normal(0, 25, (side, side, 3))
            picture = np.clip(noisy, 0, 255).astype(np.uint8)
            cv2.imwrite(str(root / label / f"{number:03d}.png"), picture)
    return root
