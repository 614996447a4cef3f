"""Where the scene's camera stands and how it sees: metres to pixels and back.

World axes: x to the right, y up from the road, z along the street away from the camera. The camera looks
straight along z with a shifted lens, as a street camera's picture is usually straightened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence, Tuple

import numpy as np
import numpy.typing as npt

from agent.sources.scene.noise import Field, field

Point = Tuple[float, float, float]

WALL = 8.5
"""Half the distance between the rows of houses, metres."""

KERB = 5.6
"""Half the width of the road, metres."""

FAR = 85.0
"""Where the street ends, metres."""


@dataclass(frozen=True)
class View:
    """A camera `eye_y` metres above the road; sizes in pixels."""

    width: int
    height: int
    eye_x: float = 0.3
    eye_y: float = 4.6

    @property
    def focal(self) -> float:
        return 0.84 * self.width

    @property
    def centre(self) -> float:
        return 0.5 * self.width

    @property
    def horizon(self) -> float:
        return 0.40 * self.height

    def detail(self, z: float) -> int:
        """Pixels per metre at which a surface `z` metres away is worth drawing."""
        return max(10, round(min(0.034 * self.width, 1.3 * self.focal / z)))

    def project(self, points: Sequence[Point]) -> npt.NDArray[np.float32]:
        """N world points to N x 2 pixels; z must be positive."""
        world = np.asarray(points, dtype=np.float64)
        scale = self.focal / world[:, 2]
        x = self.centre + (world[:, 0] - self.eye_x) * scale
        y = self.horizon + (self.eye_y - world[:, 1]) * scale
        return np.stack([x, y], axis=1).astype(np.float32)

    def pixels_per_metre(self, z: float) -> float:
        return self.focal / z

    def surfaces(self, shrink: int) -> Tuple[Field, Field]:
        """Where each pixel's ray meets road, house or end of street, at 1/`shrink` size.

        Returns positions (h x w x 3, metres) and unit normals (h x w x 3).
        """
        h, w = max(1, self.height // shrink), max(1, self.width // shrink)
        x = ((np.arange(w) + 0.5) * self.width / w - self.centre) / self.focal
        y = (self.horizon - (np.arange(h) + 0.5) * self.height / h) / self.focal
        ray_x, ray_y = np.meshgrid(x, y)
        with np.errstate(divide="ignore"):
            to_road = np.where(ray_y < 0, -self.eye_y / ray_y, np.inf)
            to_wall = np.where(ray_x > 0, (WALL - self.eye_x) / ray_x, (-WALL - self.eye_x) / ray_x)
        depth = np.minimum(np.minimum(to_road, to_wall), FAR)
        position = np.stack([self.eye_x + ray_x * depth, self.eye_y + ray_y * depth, depth], axis=2)
        normal = np.zeros_like(position)
        on_road = to_road <= depth
        on_wall = ~on_road & (to_wall <= depth)
        normal[..., 1] = on_road
        normal[..., 0] = np.where(on_wall, -np.sign(ray_x), 0.0)
        normal[..., 2] = np.where(on_road | on_wall, 0.0, -1.0)
        return field(position), field(normal)
