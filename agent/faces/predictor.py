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

_Pair = npt.NDArray[np.float64]
_ARRAYS = ("shape", "first", "second", "threshold", "leaves", "anchors", "deltas")


class Predictor:
    """Finds the points; gives what dlib's shape_predictor gives. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Read the predictor of the dlib-face bundle in `folder`; raises BundleError."""
        arrays = _load(folder / PREDICTOR)
        self._shape = arrays["shape"]
        stages, trees, self._splits = arrays["threshold"].shape
        # One row a stage, so that a node of any tree is one index.
        self._first, self._second, self._threshold = (
            arrays[name].reshape(stages, -1) for name in ("first", "second", "threshold")
        )
        self._leaves = arrays["leaves"].reshape(stages, -1, *self._shape.shape)
        self._anchors, self._deltas = arrays["anchors"], arrays["deltas"]
        self._trees = np.arange(trees)

    def predict(self, picture: Picture, box: Box) -> Points:
        """The points of the face in `box`, rounded to whole pixels as dlib does; they may lie outside.

        `box` is as dlib's own detector gives it: see hog_box.
        """
        rectangle = np.rint(np.array([box.left, box.top, box.right, box.bottom]))
        corner, size = rectangle[:2], rectangle[2:] - rectangle[:2]
        shape = self._shape
        for stage in range(len(self._threshold)):
            values = self._values(picture, shape, stage, corner, size)
            leaves = self._leaves[stage].take(self._reached(values, stage), 0)
            shape = _added(shape, leaves)
        return _rounded(shape * size + corner).astype(np.float32)

    def _values(
        self, picture: Picture, shape: Points, stage: int, corner: _Pair, size: _Pair
    ) -> npt.NDArray[np.float32]:
        """The brightness 0..255 of the pixels that the trees compare; 0 outside of the picture."""
        turn = _turn(self._shape, shape)
        places = self._deltas[stage] @ turn.T + shape.take(self._anchors[stage], 0)
        x, y = _rounded(places * size + corner).T.astype(np.intp)
        height, width = picture.shape[:2]
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        blue, green, red = picture[y * inside, x * inside].T.astype(np.uint16)
        return np.asarray((blue + green + red) // 3 * inside, np.float32)

    def _reached(self, values: npt.NDArray[np.float32], stage: int) -> npt.NDArray[np.intp]:
        """The leaf of each tree, as an index into the leaves of the stage. Every leaf is equally deep."""
        first, second, threshold = self._first[stage], self._second[stage], self._threshold[stage]
        nodes = np.zeros(len(self._trees), np.intp)
        while nodes[0] < self._splits:
            at = self._trees * self._splits + nodes
            left = values.take(first.take(at)) - values.take(second.take(at)) > threshold.take(at)
            nodes = 2 * nodes + 2 - left
        return np.asarray(nodes - self._splits + self._trees * (self._splits + 1))


def hog_box(box: Box) -> Box:
    """The square that dlib's HOG detector gives for a face that YuNet sees in `box`, on average.

    The predictor learned in such squares. Fitted on 393 pictures of LFW.
    """
    middle_x = (box.left + box.right) / 2 - 0.026 * box.height
    middle_y = (box.top + box.bottom) / 2 + 0.033 * box.height
    half = 0.82 * box.height / 2
    return Box(middle_x - half, middle_y - half, middle_x + half, middle_y + half)


def _turn(before: Points, after: Points) -> npt.NDArray[np.float32]:
    """Rotation and scale, 2 x 2, of the similarity that best takes `before` to `after` (Umeyama 1991)."""
    a = before.astype(np.float64) - before.mean(0, dtype=np.float64)
    b = after.astype(np.float64) - after.mean(0, dtype=np.float64)
    cosine, sine = (a * b).sum(), (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()
    return np.asarray(np.array([[cosine, -sine], [sine, cosine]]) / (a * a).sum(), np.float32)


def _added(shape: Points, leaves: npt.NDArray[np.float32]) -> Points:
    """`shape` and every leaf, added one after the other in float32, as dlib does."""
    stack = np.concatenate([shape[None], leaves])
    return np.asarray(np.cumsum(stack, axis=0, dtype=np.float32)[-1])


def _rounded(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.floor(values + 0.5))


def _load(path: Path) -> Dict[str, npt.NDArray[np.float32]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in _ARRAYS}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise BundleError(f"{path} is missing or damaged: install the bundle again") from error
