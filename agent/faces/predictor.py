"""Five points of a face in a box: dlib's cascade of regression trees in numpy (Kazemi and Sullivan 2014)."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Dict

import numpy as np
import numpy.typing as npt

from agent.domain.box import Box
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
        self._shape, self._deltas = arrays["shape"], arrays["deltas"]
        stages, trees, self._splits = arrays["threshold"].shape
        # One row a stage, so that a node of any tree is one index.
        self._first, self._second, self._anchors = (
            arrays[name].reshape(stages, -1).astype(np.intp) for name in ("first", "second", "anchors")
        )
        self._threshold = arrays["threshold"].reshape(stages, -1)
        self._leaves = arrays["leaves"].reshape(stages, -1, *self._shape.shape)
        self._tops = np.arange(trees) * self._splits
        mean_face = _complex(self._shape)
        self._upright = mean_face - mean_face.mean()

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
            leaves[0] += shape
            shape = np.add.reduce(leaves, axis=0)  # one after the other in float32, as dlib does
        return _rounded(shape * size + corner).astype(np.float32)

    def _values(
        self, picture: Picture, shape: Points, stage: int, corner: _Pair, size: _Pair
    ) -> npt.NDArray[np.float32]:
        """The brightness 0..255 of the pixels that the trees compare; 0 outside of the picture."""
        places = self._deltas[stage] @ self._turn(shape) + shape.take(self._anchors[stage], 0)
        x, y = _rounded(places * size + corner).T.astype(np.intp)
        height, width = picture.shape[:2]
        # What is negative is huge when it is read without a sign.
        inside = (x.view(np.uintp) < width) & (y.view(np.uintp) < height)
        pixels = picture[y * inside, x * inside].astype(np.uint16)
        brightness = (pixels[:, 0] + pixels[:, 1] + pixels[:, 2]) // 3
        return np.asarray(brightness * inside, np.float32)

    def _turn(self, shape: Points) -> npt.NDArray[np.float32]:
        """Rotation and scale of the similarity that best takes the mean face to `shape` (Umeyama 1991);
        2 x 2, for points that are rows on its left."""
        turn = np.vdot(self._upright, _complex(shape)) / np.vdot(self._upright, self._upright)
        return np.array([[turn.real, turn.imag], [-turn.imag, turn.real]], np.float32)

    def _reached(self, values: npt.NDArray[np.float32], stage: int) -> npt.NDArray[np.intp]:
        """The leaf of each tree, as an index into the leaves of the stage. Every leaf is equally deep."""
        left = values.take(self._first[stage]) - values.take(self._second[stage]) > self._threshold[stage]
        nodes, below = self._tops, 0
        while below < self._splits:
            nodes = 2 * nodes - self._tops + 2 - left.take(nodes)
            below = 2 * below + 1
        # A tree has a leaf more than it has splits.
        return np.asarray(nodes - self._splits + np.arange(len(nodes)))


def hog_box(box: Box) -> Box:
    """The square that dlib's HOG detector gives for a face that YuNet sees in `box`, on average.

    The predictor learned in such squares. Fitted on 393 pictures of LFW.
    """
    middle_x = (box.left + box.right) / 2 - 0.026 * box.height
    middle_y = (box.top + box.bottom) / 2 + 0.033 * box.height
    half = 0.82 * box.height / 2
    return Box(middle_x - half, middle_y - half, middle_x + half, middle_y + half)


def _complex(points: Points) -> npt.NDArray[np.complex128]:
    """x + iy of each point."""
    return np.asarray(points[:, 0] + 1j * points[:, 1].astype(np.float64), np.complex128)


def _rounded(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.floor(values + 0.5))


def _load(path: Path) -> Dict[str, npt.NDArray[np.float32]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in _ARRAYS}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise BundleError(f"{path} is missing or damaged: install the bundle again") from error
