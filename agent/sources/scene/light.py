"""How the street looks in the dusk, under its lamps, and under the light of a fire."""

from __future__ import annotations

from typing import List, Sequence

import cv2
import numpy as np

from agent.sources.scene.noise import Bytes, Field, field, fractal, smoothstep
from agent.sources.scene.street import Street
from agent.sources.scene.view import FAR, WALL, Point, View

GLOWS: Sequence[float] = (0.0, 0.06, 0.3, 1.0)
"""How brightly the fire lights the street in each picture of `exposures`, as a share of the most."""

_DUSK = np.array((0.50, 0.37, 0.31), np.float32)
_LAMP = np.array((0.62, 0.82, 1.0), np.float32)
_FIRE = np.array((0.05, 0.30, 1.0), np.float32)


def exposures(view: View, street: Street, rng: np.random.Generator) -> List[Bytes]:
    """The street as the camera exposes it, once for each of `GLOWS` (H x W x 3, BGR)."""
    reflects, emits = _linear(street.canvas.reflects), _linear(street.canvas.emits)
    position, normal = view.surfaces(4)
    lamps = 17.0 * sum(_irradiance(position, normal, lamp) for lamp in street.lamps)
    open_sky = 0.62 + 0.38 * np.clip(position[..., 1] / 12.0, 0.0, 1.0)
    ambient = _full(view, open_sky)[..., None] * _DUSK + _full(view, field(lamps))[..., None] * _LAMP
    x, y, z = street.site
    toward = -0.5 if x > 0 else 0.5
    points = [(x + toward, y + high, z - 0.6) for high in (0.8, 2.0, 3.4)]
    fire = 14.0 * sum(_irradiance(position, normal, point) for point in points)
    glow = _full(view, field(fire))[..., None] * _FIRE
    sky, haze = _sky(view, rng), _haze(view, position)
    still = street.canvas.sky[..., None].astype(np.float32) / 255.0
    shown = []
    for share in GLOWS:
        lit = reflects * (ambient + share * glow) + 3.0 * emits
        lit = lit * (1.0 - haze) + haze * np.array((0.27, 0.22, 0.21), np.float32)
        lit = lit * (1.0 - still) + still * sky
        shown.append(develop(_lens(view, lit + _mirror(view, lit, street.wet))))
    return shown


def develop(light: Field) -> Bytes:
    """Linear light to the picture's values: soft shoulder, gamma."""
    return np.asarray(
        _DEVELOPED[np.clip(light * _STEPS, 0.0, len(_DEVELOPED) - 1.0).astype(np.uint16)], np.uint8
    )


_STEPS = 16384.0
_DEVELOPED = (255.0 * (1.0 - np.exp(-1.5 * np.arange(65536) / _STEPS)) ** (1 / 2.2)).astype(np.uint8)
_LINEAR = field((np.arange(256) / 255.0) ** 2.2)[None]


def _linear(picture: Bytes) -> Field:
    return field(cv2.LUT(picture, cv2.merge([_LINEAR, _LINEAR, _LINEAR])))


def _irradiance(position: Field, normal: Field, source: Point) -> Field:
    """What a small light at `source` gives each surface point, per square metre."""
    offset = np.asarray(source, np.float32) - position
    square = np.sum(offset * offset, axis=2)
    facing = np.sum(offset * normal, axis=2) / np.sqrt(square + 1e-3)
    return field(np.clip(0.12 + facing, 0.0, None) / (square + 2.0))


def _full(view: View, small: Field) -> Field:
    return field(cv2.resize(small, (view.width, view.height), interpolation=cv2.INTER_LINEAR))


def _haze(view: View, position: Field) -> Field:
    return _full(view, field(1.0 - np.exp(-position[..., 2] / 400.0)))[..., None]


def _sky(view: View, rng: np.random.Generator) -> Field:
    """From deep blue above to pale light over the roofs, with thin clouds."""
    up = np.clip(1.0 - np.arange(view.height) / max(1.0, view.horizon), 0.0, 1.0)
    stops = np.array([(0.40, 0.37, 0.40), (0.36, 0.28, 0.26), (0.27, 0.17, 0.12), (0.17, 0.09, 0.06)])
    columns = [np.interp(up, (0.0, 0.25, 0.6, 1.0), stops[:, channel]) for channel in range(3)]
    gradient = np.stack(columns, axis=1)[:, None, :]
    clouds = fractal(rng, view.height, view.width, 4, 5, stretch=0.35)
    cover = smoothstep(0.45, 0.8, clouds)[..., None] * 0.35
    return field(gradient * (1.0 - cover) + cover * np.array((0.28, 0.25, 0.26)))


def _mirror(view: View, lit: Field, wet: Field) -> Field:
    """What the wet road gives back: each column of the houses upside down, smeared towards the camera."""
    columns, rows = np.meshgrid(
        np.arange(view.width, dtype=np.float32), np.arange(view.height, dtype=np.float32)
    )
    aside = np.abs(columns - view.centre + view.eye_x * view.focal / 270.0)
    foot = view.horizon + view.eye_y * np.maximum(aside / WALL, view.focal / FAR)
    upside = field(cv2.remap(lit, columns, field(2.0 * foot - rows), cv2.INTER_LINEAR))
    smear = max(3, view.height // 24) | 1
    upside = field(cv2.blur(cv2.blur(upside, (1, smear)), (3, smear)))
    ground = field(rows > foot) * wet
    return field(0.34 * ground[..., None] * upside)


def _lens(view: View, light: Field) -> Field:
    """Halo around bright lights, darker corners, and the softness of a cheap lens."""
    small = cv2.resize(
        light, (max(1, view.width // 4), max(1, view.height // 4)), interpolation=cv2.INTER_AREA
    )
    bright = np.clip(field(small) - 0.55, 0.0, 3.0)
    halo = 0.10 * _full(view, field(cv2.GaussianBlur(bright, (0, 0), view.width / 220)))
    halo = halo + 0.16 * _full(view, field(cv2.GaussianBlur(bright, (0, 0), view.width / 64)))
    x, y = np.linspace(-1.0, 1.0, view.width), np.linspace(-1.0, 1.0, view.height)
    corners = 1.0 - 0.20 * (x[None, :] ** 2 + y[:, None] ** 2)
    soft = cv2.GaussianBlur(light, (0, 0), max(0.35, view.width / 1700))
    return field((field(soft) + halo) * corners[..., None])
