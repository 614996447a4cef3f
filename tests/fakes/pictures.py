"""Small JPEGs."""

from __future__ import annotations

import cv2
import numpy as np


def jpeg(width: int = 64, height: int = 48, shade: int = 128) -> bytes:
    """A grey picture, encoded."""
    _, data = cv2.imencode(".jpg", np.full((height, width, 3), shade, np.uint8))
    return bytes(data)


def noise_jpeg(seed: int, side: int = 256) -> bytes:
    """A picture that hardly compresses."""
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    _, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 95])
    return bytes(data)
