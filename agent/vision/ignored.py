"""Zones in which fire belongs (a chimney, an oven, a flare): painted out before fire is looked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Mapping, Sequence, Tuple

import cv2
import numpy as np
import numpy.typing as npt

from agent.ports import Picture
from agent.vision.mask import Polygon

_RIM = 0.15
"""The rim whose colour a zone is given is so wide, as a share of the zone's own size."""

_LEAST_PX = 4

_Pixels = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Patch:
    """A zone in a picture of one size: the part of the picture around it, which pixels of that are painted,
    and whose colour they are given."""

    rows: slice
    columns: slice
    painted: _Pixels
    rim: _Pixels


class Ignored:
    """The ignored zones of every camera, by its id; those without any may be left out. For one thread."""

    def __init__(self, polygons: Mapping[str, Sequence[Polygon]]) -> None:
        self._polygons = {camera: list(zones) for camera, zones in polygons.items() if zones}
        self._patches: Dict[str, Tuple[Tuple[int, ...], List[_Patch]]] = {}

    def over(self, camera: str, picture: Picture) -> Picture:
        """A copy of the picture (H x W x 3) in which each zone is flat, in the median colour of its rim; the
        picture itself where the camera has none."""
        polygons = self._polygons.get(camera)
        if polygons is None:
            return picture
        shape = picture.shape[:2]
        known = self._patches.get(camera)
        if known is None or known[0] != shape:
            known = self._patches[camera] = (shape, _patches(polygons, *shape))
        canvas: Picture = np.array(picture, order="C")
        for patch in known[1]:
            around = picture[patch.rows, patch.columns]
            colour = np.median(around[patch.rim], axis=0) if patch.rim.any() else (114, 114, 114)
            canvas[patch.rows, patch.columns][patch.painted] = np.asarray(colour, np.uint8)
        return canvas


NOTHING_IGNORED = Ignored({})


def _patches(polygons: Sequence[Polygon], height: int, width: int) -> List[_Patch]:
    """The rim of a zone leaves out what is painted for another."""
    corners = [np.rint(np.array(one) * (width, height)).astype(np.int32) for one in polygons]
    every = np.zeros((height, width), np.uint8)
    for one in corners:
        cv2.fillPoly(every, [one], 1)
    patches = []
    for one in corners:
        left, top, wide, tall = cv2.boundingRect(one)
        rim = max(_LEAST_PX, round(_RIM * max(wide, tall)))
        rows = slice(max(0, top - rim), min(height, top + tall + rim))
        columns = slice(max(0, left - rim), min(width, left + wide + rim))
        mine = np.zeros((height, width), np.uint8)
        cv2.fillPoly(mine, [one], 1)
        mine = mine[rows, columns]
        wider = cv2.dilate(mine, np.ones((2 * rim + 1, 2 * rim + 1), np.uint8))
        patches.append(_Patch(rows, columns, mine > 0, (wider > 0) & (every[rows, columns] == 0)))
    return patches
