"""Make parts of a picture unrecognisable for good: what is left is a handful of colours."""

from __future__ import annotations

import math
from typing import Sequence

import cv2
import numpy as np

from agent.domain.box import Box
from agent.ports import Picture

HEAD_CELLS = 3
"""A head keeps 3 x 3 colours, whatever its size: too few to tell people apart, also for whoever covers other
pictures of them in the same way and compares (measured by `python -m benchmarks.privacy`)."""

_BESIDE, _ABOVE, _BELOW = 0.25, 0.45, 0.2
"""How far a head reaches beyond the box of its face, in widths and heights of the box: ears, hair, chin."""


def covered(picture: Picture, original: Picture, faces: Sequence[Box]) -> Picture:
    """A copy of `picture` (H x W x 3, BGR) in which each head is a blot of the colours that it has in
    `original`, which has the same size. A box may lie partly or wholly outside; of blots that overlap the
    first is on top."""
    canvas: Picture = np.array(picture, order="C")
    height, width = canvas.shape[:2]
    for face in reversed(faces):
        left = max(0, math.floor(face.left - _BESIDE * face.width))
        right = min(width, math.ceil(face.right + _BESIDE * face.width))
        top = max(0, math.floor(face.top - _ABOVE * face.height))
        bottom = min(height, math.ceil(face.bottom + _BELOW * face.height))
        if left < right and top < bottom:
            canvas[top:bottom, left:right] = _blot(original[top:bottom, left:right], HEAD_CELLS, HEAD_CELLS)
    return canvas


def coarse(picture: Picture, cell: float) -> Picture:
    """The whole picture, in cells of about `cell` pixels that run into each other."""
    height, width = picture.shape[:2]
    return _blot(picture, max(1, round(width / cell)), max(1, round(height / cell)))


def _blot(part: Picture, columns: int, rows: int) -> Picture:
    """Averages of `rows` x `columns` cells, interpolated; nothing between them is kept."""
    height, width = part.shape[:2]
    columns, rows = min(columns, width), min(rows, height)
    cells = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(cells, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
