"""Draws flat things of the world into the camera's picture, far ones first."""

from __future__ import annotations

from typing import Sequence, Tuple

import cv2
import numpy as np

from agent.sources.scene.facade import Facade
from agent.sources.scene.noise import Bytes, Field
from agent.sources.scene.vehicle import Colour, Face
from agent.sources.scene.view import WALL, Point, View

_SUBPIXEL_BITS = 4


class Canvas:
    """Pictures of one size: `reflects` and `emits` (BGR, 0..255), and `sky`, 255 where nothing stands."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.reflects: Bytes = np.zeros((view.height, view.width, 3), np.uint8)
        self.emits: Bytes = np.zeros((view.height, view.width, 3), np.uint8)
        self.sky: Bytes = np.full((view.height, view.width), 255, np.uint8)

    def polygon(self, corners: Sequence[Point], reflects: Colour, emits: Colour = (0, 0, 0)) -> None:
        """A flat face of one colour."""
        scaled = self.view.project(corners) * 2**_SUBPIXEL_BITS
        pixels = np.round(np.clip(scaled, -(2**20), 2**20)).astype(np.int32)
        for picture, colour in ((self.reflects, reflects), (self.emits, emits)):
            cv2.fillPoly(picture, [pixels], colour, cv2.LINE_AA, _SUBPIXEL_BITS)
        cv2.fillPoly(self.sky, [pixels], (0,), cv2.LINE_AA, _SUBPIXEL_BITS)

    def faces(self, faces: Sequence[Face]) -> None:
        for face in faces:
            self.polygon(face.corners, face.reflects, face.emits)

    def flat(self, reflects: Bytes, emits: Bytes, corners: Sequence[Point]) -> None:
        """Two pictures of one surface; `corners` are its top left, top right, bottom right, bottom left."""
        target = self.view.project(corners)
        size = _needed(target, reflects)
        height, width = size[1], size[0]
        source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32) - 0.5
        matrix = cv2.getPerspectiveTransform(source, target)
        for picture, drawn in ((self.reflects, reflects), (self.emits, emits)):
            cv2.warpPerspective(
                cv2.resize(drawn, size, interpolation=cv2.INTER_AREA),
                matrix,
                (self.view.width, self.view.height),
                dst=picture,
                flags=cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_TRANSPARENT,
            )
        cv2.fillConvexPoly(self.sky, np.round(np.clip(target, -(2**15), 2**15)).astype(np.int32), (0,))

    def house(self, side: float, near_z: float, facade: Facade) -> None:
        """A house of the row on the left (`side` -1) or right (1), with its gable and roof."""
        wall, deep, ridge = side * WALL, side * (WALL + 9.0), side * (WALL + 4.5)
        low, high = facade.height_m, facade.height_m + 2.9
        far_z = near_z + facade.width_m
        self.polygon(
            [
                (wall, 0, near_z),
                (wall, low, near_z),
                (ridge, high, near_z),
                (deep, low, near_z),
                (deep, 0, near_z),
            ],
            (62, 68, 84),
        )
        self.polygon(
            [(wall, low, near_z), (ridge, high, near_z), (ridge, high, far_z), (wall, low, far_z)],
            (58, 54, 52),
        )
        mid_z = near_z + 0.15 * facade.width_m
        self.polygon(_chimney(ridge, high, mid_z), (54, 62, 84))
        left_z, right_z = (near_z, far_z) if side < 0 else (far_z, near_z)
        self.flat(
            facade.reflects,
            facade.emits,
            [(wall, low, left_z), (wall, low, right_z), (wall, 0, right_z), (wall, 0, left_z)],
        )


def _chimney(x: float, y: float, z: float) -> Sequence[Point]:
    return [(x - 0.5, y - 0.6, z), (x - 0.5, y + 1.0, z), (x + 0.5, y + 1.0, z), (x + 0.5, y - 0.6, z)]


def _needed(target: Field, drawn: Bytes) -> Tuple[int, int]:
    """The size (width, height) at which a surface should be drawn so that its far parts do not shimmer."""
    sides = np.linalg.norm(target - np.roll(target, -1, axis=0), axis=1)
    width, height = 1.15 * max(sides[0], sides[2]), 1.15 * max(sides[1], sides[3])
    return (
        int(min(drawn.shape[1], max(4.0, width))),
        int(min(drawn.shape[0], max(4.0, height))),
    )
