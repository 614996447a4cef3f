"""What moves in a calm street: now and then a car, and somebody walking away on the far pavement."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from agent.sources.scene.noise import Bytes
from agent.sources.scene.vehicle import Colour, car
from agent.sources.scene.view import KERB, Point, View

_SUBPIXEL_BITS = 4
_CAR_EVERY_S = 12.0
_CAR_SPEED = 9.0
_CAR_FROM, _CAR_TO = 84.0, 8.5
_WALK_EVERY_S = 75.0
_WALK_SPEED = 1.3
_WALK_FROM, _WALK_TO = 17.0, 70.0


class Traffic:
    """Draws into a picture what moves at a given time; no car enters from `closed_at` on (seconds)."""

    def __init__(self, view: View, rng: np.random.Generator, site: Point, closed_at: float) -> None:
        self._view = view
        self._closed_at = closed_at
        self._first_car = float(rng.uniform(-6.0, 0.0))
        self._walker_x = -1.8 if site[0] > 0 else 1.8
        self._walker_x += -KERB if site[0] > 0 else KERB
        self._walked = float(rng.uniform(0.0, 10.0))
        paint = int(rng.uniform(50, 150))
        self._paint: Colour = (paint, paint - 6, paint - 10)
        coat = int(rng.uniform(24, 60))
        self._coat: Colour = (coat + 6, coat, coat)
        self._halo = _halo()

    def draw(self, picture: Bytes, media_s: float) -> None:
        """Change `picture` (H x W x 3, BGR) in place."""
        self._walker(picture, media_s)
        since = (media_s - self._first_car) % _CAR_EVERY_S
        z = _CAR_FROM - _CAR_SPEED * since
        if z > _CAR_TO and media_s - since < self._closed_at:
            self._car(picture, z)

    def _car(self, picture: Bytes, z: float) -> None:
        for face in car(-1.9, z, self._paint, comes=True, lights=True):
            shines = max(face.emits) > 0
            colour = face.emits if shines else _in_dusk(face.reflects)
            self._polygon(picture, np.asarray(face.corners, np.float64), colour)
        for x in (-2.54, -1.26):
            self._shine(picture, (x, 0.7, z), 0.85, 0.8)
            self._shine(picture, (x, -0.9, z), 0.6, 0.35)

    def _walker(self, picture: Bytes, media_s: float) -> None:
        walked = (media_s + self._walked) % _WALK_EVERY_S
        z, x = _WALK_FROM + _WALK_SPEED * walked, self._walker_x
        if z > _WALK_TO:
            return
        swing = 0.28 * float(np.sin(2 * np.pi * 0.95 * media_s))
        for foot in (swing, -swing):
            self._quad(picture, (x + 0.04 + 0.3 * foot, 0.0), (x, 0.92), 0.075, 0.10, z + foot)
        self._quad(picture, (x, 0.82), (x, 1.48), 0.19, 0.23, z)
        for hand in (-0.26 - 0.3 * swing, 0.26 - 0.3 * swing):
            self._quad(picture, (x + hand, 0.8), (x + hand * 0.85, 1.44), 0.05, 0.07, z)
        turns = np.linspace(0.0, 2 * np.pi, 16, endpoint=False)
        head = np.stack([x + 0.10 * np.cos(turns), 1.62 + 0.13 * np.sin(turns), np.full(16, z)], axis=1)
        self._polygon(picture, head, (44, 46, 58))

    def _quad(
        self,
        picture: Bytes,
        low: tuple[float, float],
        high: tuple[float, float],
        low_half: float,
        high_half: float,
        z: float,
    ) -> None:
        corners = [
            (low[0] - low_half, low[1], z),
            (low[0] + low_half, low[1], z),
            (high[0] + high_half, high[1], z),
            (high[0] - high_half, high[1], z),
        ]
        self._polygon(picture, np.array(corners), self._coat)

    def _polygon(self, picture: Bytes, corners: npt.NDArray[np.float64], colour: Colour) -> None:
        scaled = self._view.project([tuple(corner) for corner in corners]) * 2**_SUBPIXEL_BITS
        cv2.fillPoly(picture, [np.round(scaled).astype(np.int32)], colour, cv2.LINE_AA, _SUBPIXEL_BITS)

    def _shine(self, picture: Bytes, at: Point, metres: float, strength: float) -> None:
        """Add a soft halo `metres` in radius."""
        centre = self._view.project([at])[0]
        radius = max(2, round(metres * self._view.pixels_per_metre(at[2])))
        left, top = round(float(centre[0])) - radius, round(float(centre[1])) - radius
        size = 2 * radius
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(self._view.width, left + size), min(self._view.height, top + size)
        if x0 >= x1 or y0 >= y1:
            return
        halo = cv2.resize(self._halo, (size, size), interpolation=cv2.INTER_LINEAR)
        part = cv2.convertScaleAbs(halo[y0 - top : y1 - top, x0 - left : x1 - left], alpha=strength)
        picture[y0:y1, x0:x1] = cv2.add(picture[y0:y1, x0:x1], part)


def _halo() -> Bytes:
    across = np.linspace(-1.0, 1.0, 64)
    soft = np.clip(1.0 - np.hypot(across[None, :], across[:, None]), 0.0, 1.0) ** 3
    return np.asarray(soft[..., None] * np.array((225, 238, 245)), np.uint8)


def _in_dusk(colour: Colour) -> Colour:
    b, g, r = colour
    return int(b * 0.80), int(g * 0.72), int(r * 0.68)
