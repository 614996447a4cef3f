"""What is wrong with a picture of a face, made from a good one: each function takes one defect in."""

from __future__ import annotations

from typing import Callable, Dict, List, Sequence, Tuple

import cv2
import numpy as np
import numpy.typing as npt

from agent.ports import Picture

Points = npt.NDArray[np.float32]
"""5 x 2: the landmarks as agent.ports.Face has them."""
Colour = Tuple[float, float, float]

_CLOTH: Sequence[Colour] = (
    (205, 180, 140),
    (235, 235, 232),
    (30, 28, 28),
    (50, 40, 150),
    (90, 120, 70),
    (110, 110, 125),
    (150, 90, 60),
)


def place(points: Points, x: float, y: float) -> npt.NDArray[np.float64]:
    """A spot of the face: `x` in distances between the eyes, to the person's left; `y` from the eyes (0) to
    the mouth (1)."""
    eyes, mouth = (points[0] + points[1]) / 2, (points[3] + points[4]) / 2
    return np.asarray(eyes + x * (points[1] - points[0]) + y * (mouth - eyes), np.float64)


def outline(points: Points, spots: Sequence[Tuple[float, float]]) -> npt.NDArray[np.int32]:
    return np.round([place(points, *spot) for spot in spots]).astype(np.int32)


def blurred(picture: Picture, sigma: float) -> Picture:
    """Out of focus."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def shaken(picture: Picture, pixels: int) -> Picture:
    """Moved to the side while the shutter was open."""
    return np.asarray(cv2.filter2D(picture, -1, np.full((1, pixels), 1 / pixels, np.float32)), np.uint8)


def exposed(picture: Picture, factor: float, rng: np.random.Generator) -> Picture:
    """So many times the light (linear, gamma 2.2), with the noise of a sensor."""
    light = (picture / 255.0) ** 2.2 * factor
    noisy = 255 * np.clip(light, 0, 1) ** (1 / 2.2) + rng.normal(0, 2, picture.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def shrunk(picture: Picture, factor: float) -> Picture:
    """Far away: the picture smaller, in a plain one of the size it had."""
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    whole = np.full_like(picture, np.median(picture.reshape(-1, 3), axis=0).astype(np.uint8))
    top, left = (whole.shape[0] - small.shape[0]) // 2, (whole.shape[1] - small.shape[1]) // 2
    whole[top : top + small.shape[0], left : left + small.shape[1]] = small
    return whole


def beside(picture: Picture, other: Picture) -> Picture:
    """Two people side by side."""
    return np.ascontiguousarray(np.hstack([picture, other]))


def rolled(picture: Picture) -> Picture:
    """A quarter turn: a photo whose camera forgot to say how it was held."""
    return np.ascontiguousarray(np.rot90(picture))


def turned(picture: Picture, points: Points, degrees: float) -> Picture:
    """The head turned to the side: the face laid on an ellipsoid with a nose, turned about the vertical axis,
    and seen from the front again (parallel rays, nearest pixel, the far side hidden)."""
    scale = 3
    big = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    height, width = big.shape[:2]
    span = float(np.hypot(*(points[1] - points[0]))) * scale
    middle, nose = place(points, 0, 0.6) * scale, points[2] * scale
    y, x = np.mgrid[:height, :width].astype(np.float64)
    u, v = (x - middle[0]) / (1.25 * span), (y - middle[1]) / (1.9 * span)
    inside = u**2 + v**2 < 1
    depth = 1.25 * span * np.sqrt(np.clip(1 - u**2 - v**2, 0, None))
    near = ((x - nose[0]) / (0.22 * span)) ** 2 + ((y - nose[1]) / (0.4 * span)) ** 2
    depth += 0.45 * span * np.exp(-near)
    angle = np.radians(degrees)
    to_x = np.cos(angle) * (x - middle[0]) + np.sin(angle) * depth + middle[0]
    towards = -np.sin(angle) * (x - middle[0]) + np.cos(angle) * depth
    order = np.argsort(towards[inside])
    rows = y[inside][order].astype(int)
    columns = np.clip(np.rint(to_x[inside][order]).astype(int), 0, width - 1)
    canvas = cv2.GaussianBlur(big, (0, 0), span)
    canvas[rows, columns] = big[inside][order]
    # Holes between the pixels of the stretched side.
    filled = np.zeros((height, width), np.uint8)
    filled[rows, columns] = 255
    shape = cv2.morphologyEx(filled, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    patched = cv2.inpaint(canvas, ((shape > 0) & (filled == 0)).astype(np.uint8), 3, cv2.INPAINT_TELEA)
    small = cv2.resize(patched, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def masked(picture: Picture, points: Points, rng: np.random.Generator) -> Picture:
    """A mask or scarf over nose and mouth, of any colour and cloth."""
    top, foot, wide = rng.uniform(0.3, 0.7), rng.uniform(1.4, 1.9), rng.uniform(0.7, 1.0)
    spots = [
        (0, top),
        (0.6 * wide, top + 0.15),
        (wide, top + 0.1),
        (0.9 * wide, 1.1),
        (0.5 * wide, foot - 0.1),
    ]
    mirrored = [(-x, y) for x, y in reversed(spots)]
    layer = picture.copy()
    cv2.fillPoly(layer, [outline(points, [*spots, (0, foot), *mirrored])], _colour(rng), cv2.LINE_AA)
    return _put(picture, layer, rng)


def shaded(picture: Picture, points: Points, rng: np.random.Generator) -> Picture:
    """Sunglasses, round or square."""
    span = float(np.hypot(*(points[1] - points[0])))
    shade = float(rng.uniform(10, 60))
    tint = (shade, shade * rng.uniform(0.8, 1.2), shade * rng.uniform(0.8, 1.3))
    wide, high = rng.uniform(0.36, 0.46), rng.uniform(0.26, 0.4)
    layer = picture.copy()
    for x in (-0.5, 0.5):
        if rng.random() < 0.5:
            centre = tuple(np.rint(place(points, x, 0.06)).astype(int))
            cv2.ellipse(layer, centre, (int(wide * span), int(high * span)), 0, 0, 360, tint, -1, cv2.LINE_AA)
        else:
            spots = [(x - wide, -high), (x + wide, -high), (x + 0.8 * wide, high), (x - 0.8 * wide, high)]
            cv2.fillPoly(layer, [outline(points, spots)], tint, cv2.LINE_AA)
    ends = outline(points, [(-0.9, -0.12), (0.9, -0.12)])
    cv2.line(layer, tuple(ends[0]), tuple(ends[1]), (20, 20, 20), max(2, int(0.06 * span)), cv2.LINE_AA)
    return _put(picture, layer, rng)


def handed(picture: Picture, points: Points, rng: np.random.Generator) -> Picture:
    """A hand over the mouth: fingers of the cheek's colour."""
    span = float(np.hypot(*(points[1] - points[0])))
    x, y = np.rint(place(points, 0.35, 0.55)).astype(int)
    skin = np.median(picture[max(0, y - 3) : y + 4, max(0, x - 3) : x + 4].reshape(-1, 3), axis=0)
    if np.isnan(skin).any():
        skin = np.array((110.0, 130.0, 180.0))
    tilt, start = rng.uniform(-0.3, 0.3), rng.uniform(0.55, 0.8)
    layer = picture.copy()
    for finger in range(4):
        y_at = start + 0.27 * finger
        ends = outline(points, [(-0.9, y_at - tilt), (rng.uniform(0.5, 0.9), y_at + tilt)])
        tone = tuple(float(value) for value in skin * rng.uniform(0.7, 1.1))
        cv2.line(layer, tuple(ends[0]), tuple(ends[1]), tone, max(3, int(0.27 * span)), cv2.LINE_AA)
    return _put(picture, layer, rng)


def hidden(picture: Picture, points: Points, rng: np.random.Generator) -> Picture:
    """Something before one eye and cheek: a door, a shoulder, another head."""
    side, edge = rng.choice((-1, 1)), rng.uniform(-0.1, 0.25)
    spots = [(edge, -1.3), (1.6, -1.3), (1.6, 2.0), (edge + rng.uniform(-0.2, 0.2), 2.0)]
    layer = picture.copy()
    cv2.fillPoly(layer, [outline(points, [(side * x, y) for x, y in spots])], _colour(rng), cv2.LINE_AA)
    return _put(picture, layer, rng)


COVERS: Dict[str, Callable[[Picture, Points, np.random.Generator], Picture]] = {
    "mask": masked,
    "sunglasses": shaded,
    "hand": handed,
    "hidden": hidden,
}


def cut(picture: Picture, points: Points, rng: np.random.Generator) -> Picture:
    """The picture ends within the face: left, right, below the nose, or at the eyes."""
    x = (int(place(points, -0.25, 0.5)[0]), int(place(points, 0.25, 0.5)[0]))
    y = (int(place(points, 0, -0.05)[1]), int(place(points, 0, 0.75)[1]))
    parts: List[Picture] = [
        picture[:, max(0, x[0]) :],
        picture[:, : x[1]],
        picture[max(0, y[0]) :],
        picture[: y[1]],
    ]
    return np.ascontiguousarray(parts[int(rng.integers(len(parts)))])


def _colour(rng: np.random.Generator) -> Colour:
    base = np.array(_CLOTH[int(rng.integers(len(_CLOTH)))]) + rng.normal(0, 15, 3)
    blue, green, red = np.clip(base, 5, 250)
    return (float(blue), float(green), float(red))


def _put(picture: Picture, layer: Picture, rng: np.random.Generator) -> Picture:
    """What was drawn, as if it were there: with light from one side, folds or stripes, noise, a soft edge."""
    height, width = picture.shape[:2]
    drawn = np.any(layer != picture, axis=2).astype(np.float32)
    light = 1 + rng.uniform(-0.3, 0.3) * np.linspace(-1, 1, width)[None, :, None]
    wave = np.sin(np.arange(height) / rng.uniform(1.5, 8) + rng.uniform(0, 6))[:, None, None]
    cloth = layer * light * (1 + rng.choice((0.0, 0.06, 0.2)) * wave) + rng.normal(0, 3, (height, width, 1))
    soft = cv2.GaussianBlur(drawn, (0, 0), 0.8)[..., None]
    return np.clip(picture * (1 - soft) + cloth * soft, 0, 255).astype(np.uint8)
