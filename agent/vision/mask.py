"""Privacy masks: parts of a camera's picture that nobody may see."""

from __future__ import annotations

from typing import Mapping, Sequence, Tuple

import cv2
import numpy as np

from agent.ports import Picture

Polygon = Sequence[Tuple[float, float]]
"""(x, y) each, as shares of the picture's width and height from its left top."""

_EDGE_PX = 3
"""The edge is drawn so wide: rounded to whole pixels a polygon would else miss half a pixel of its own."""


class Masks:
    """The masks of every camera, by its id; those without any may be left out."""

    def __init__(self, polygons: Mapping[str, Sequence[Polygon]]) -> None:
        self._polygons = {camera: list(masks) for camera, masks in polygons.items() if masks}

    def over(self, camera: str, picture: Picture) -> Picture:
        """A copy of the picture (H x W x 3) in which the camera's masks are black; the picture itself where
        it has none."""
        polygons = self._polygons.get(camera)
        return picture if polygons is None else blacked_out(picture, polygons)


NO_MASKS = Masks({})


def blacked_out(picture: Picture, polygons: Sequence[Polygon]) -> Picture:
    """A copy of the picture (H x W x 3) with the polygons filled in black, one by one: where two overlap it
    is black, too."""
    height, width = picture.shape[:2]
    canvas: Picture = np.array(picture, order="C")
    for polygon in polygons:
        corners = np.rint(np.array(polygon) * (width, height)).astype(np.int32)
        cv2.fillPoly(canvas, [corners], (0, 0, 0))
        cv2.polylines(canvas, [corners], True, (0, 0, 0), _EDGE_PX)
    return canvas
