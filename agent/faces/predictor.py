"""Five points of a face in a box: dlib's cascade of regression trees in numpy (Kazemi and Sullivan 2014)."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Dict

import numpy as np
import numpy.typing as npt

from agent.domain.face import Box
from agent.errors import BundleError
from agent.ports import Picture

PREDICTOR = "predictor.npz"

Points = npt.NDArray[np.float32]
"""5 x 2, (x, y) in pixels: outer and inner corner of the person's left eye, of the right eye, base of the
nose."""

_ARRAYS = ("shape", "first", "second", "threshold", "leaves", "anchors", "deltas")


class Predictor:
    """Finds the points; gives what dlib's shape_predictor gives. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Read the predictor of the dlib-face bundle in `folder`; raises BundleError."""
        arrays = _load(folder / PREDICTOR)
        self._shape = arrays["shape"]
        self._first, self._second = arrays["first"].astype(np.intp), arrays["second"].astype(np.intp)
        self._threshold, self._leaves = arrays["threshold"], arrays["leaves"]
        self._anchors, self._deltas = arrays["anchors"].astype(np.intp), arrays["deltas"]
        self._splits = self._threshold.shape[2]

    def predict(self, picture: Picture, box: Box) -> Points:
        """The points of the face in `box`, rounded to whole pixels as dlib does; they may lie outside."""
        rectangle = np.rint(np.array([box.left, box.top, box.right, box.bottom]))
        corner, size = rectangle[:2], rectangle[2:] - rectangle[:2]
        shape = self._shape.copy()
        trees = np.arange(self._threshold.shape[1])
        for stage in range(len(self._threshold)):
            values = self._values(picture, shape, stage, corner, size)
            nodes = np.zeros(len(trees), np.intp)
            while nodes[0] < self._splits:  # every leaf is equally deep
                first, second = self._first[stage, trees, nodes], self._second[stage, trees, nodes]
                left = values[first] - values[second] > self._threshold[stage, trees, nodes]
                nodes = 2 * nodes + np.where(left, 1, 2)
            shape = _added(shape, self._leaves[stage, trees, nodes - self._splits])
        return _rounded(shape * size + corner).astype(np.float32)

    def _values(
        self,
        picture: Picture,
        shape: Points,
        stage: int,
        corner: npt.NDArray[np.float64],
        size: npt.NDArray[np.float64],
    ) -> npt.NDArray[np.float32]:
        """The brightness 0..255 of the pixels that the trees compare; 0 outside of the picture."""
        turn = _turn(self._shape, shape)
        places = self._deltas[stage] @ turn.T + shape[self._anchors[stage]]
        x, y = _rounded(places * size + corner).astype(np.intp).T
        height, width = picture.shape[:2]
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        pixels = picture[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]
        return np.where(inside, pixels.sum(1, dtype=np.uint16) // 3, 0).astype(np.float32)


def _turn(before: Points, after: Points) -> npt.NDArray[np.float32]:
    """Rotation and scale, 2 x 2, of the similarity that best takes `before` to `after` (Umeyama 1991)."""
    a = before.astype(np.float64) - before.mean(0, dtype=np.float64)
    b = after.astype(np.float64) - after.mean(0, dtype=np.float64)
    cosine, sine = (a * b).sum(), (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()
    return (np.array([[cosine, -sine], [sine, cosine]]) / (a * a).sum()).astype(np.float32)


def _added(shape: Points, leaves: npt.NDArray[np.float32]) -> Points:
    """`shape` and every leaf, added one after the other in float32, as dlib does."""
    stack = np.concatenate([shape[None], leaves])
    return np.asarray(np.cumsum(stack, axis=0, dtype=np.float32)[-1])


def _rounded(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.floor(values + 0.5))


def _load(path: Path) -> Dict[str, npt.NDArray[np.float32]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in _ARRAYS}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise BundleError(f"{path} is missing or damaged: install the bundle again") from error
