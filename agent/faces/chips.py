"""Cut a face out, upright and at one size, as the embedding network was trained (dlib's get_face_chip)."""

from __future__ import annotations

from typing import Tuple

import cv2
import numpy as np
import numpy.typing as npt

from agent.faces.predictor import Points
from agent.ports import Picture

SIDE = 150
PADDING = 0.25
"""How much is left around the face on each side, as a share of its size."""

_MEAN_FACE = np.array(
    [
        (0.8595674595992, 0.2134981538014),
        (0.6460604764104, 0.2289674387677),
        (0.1205750620789, 0.2137274526848),
        (0.3340850613712, 0.2290642403242),
        (0.4901123135679, 0.6277975316475),
    ]
)
"""Where the five points lie on average (get_face_chip_details in dlib/image_transforms/interpolation.h)."""

_TARGET = (PADDING + _MEAN_FACE) / (2 * PADDING + 1) * SIDE

_Matrix = npt.NDArray[np.float64]


def chip(picture: Picture, points: Points) -> Picture:
    """The face with those five points, 150 x 150 x 3, BGR; black where the picture does not reach.

    Shrinks by a pyramid first where the face is much larger, so that no pixel is passed over.
    """
    matrix = _placement(points)
    picture, matrix = _around(picture, matrix)
    # As dlib does: half the size, while the face would still cover the chip.
    while _span(matrix) / 2 + 1 > SIDE and min(picture.shape[:2]) > 1:
        picture, matrix = np.asarray(cv2.pyrDown(picture), np.uint8), matrix / 2
    cut: Picture = cv2.warpAffine(  # type: ignore[assignment]  # OpenCV's stubs know no dtypes
        picture, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    return cut


def _placement(points: Points) -> _Matrix:
    """The similarity, 2 x 3, that takes pixels of the chip to pixels of the picture."""
    chip_middle, middle = _TARGET.mean(0), points.mean(0, dtype=np.float64)
    a, b = _TARGET - chip_middle, points - middle
    cosine, sine = (a * b).sum(), (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()
    turn = np.array([[cosine, -sine], [sine, cosine]]) / (a * a).sum()
    # dlib lets the middles of chip and rectangle meet, and the outer pixels of both.
    centre = turn @ (np.full(2, SIDE / 2) - chip_middle) + middle
    scale = float(np.hypot(turn[0, 0], turn[1, 0]))
    turn *= (SIDE * scale - 1) / (SIDE - 1) / scale
    return np.column_stack([turn, centre - turn @ np.full(2, (SIDE - 1) / 2)])


def _span(matrix: _Matrix) -> float:
    """How long a side of the chip is in the picture, from the first pixel to the last."""
    return float(np.hypot(matrix[0, 0], matrix[1, 0])) * (SIDE - 1)


def _around(picture: Picture, matrix: _Matrix) -> Tuple[Picture, _Matrix]:
    """The part of the picture that the chip shows, with a margin for the pyramid, and its matrix."""
    corners = np.array([(x, y, 1) for x in (0, SIDE - 1) for y in (0, SIDE - 1)]) @ matrix.T
    margin = 2 + 8 * _span(matrix) / SIDE
    height, width = picture.shape[:2]
    left, top = np.clip(np.floor(corners.min(0) - margin), 0, (width - 1, height - 1)).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(0) + margin), 0, (width - 1, height - 1)).astype(int)
    moved = matrix.copy()
    moved[:, 2] -= (left, top)
    return picture[top : bottom + 1, left : right + 1], moved
