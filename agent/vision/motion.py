"""Whether anything moved before a camera, by a small grey picture held against the one last looked at."""

from __future__ import annotations

from typing import Optional

import cv2
import numpy as np
import numpy.typing as npt

from agent.ports import Picture
from agent.vision.quality import thumbnail

_AROUND = (3, 3)
"""Cells of the thumbnail that are averaged: grain is smaller, whatever matters is not."""

_LEAST, _MOST = 6.0, 24.0
"""Grey levels: less is what compression does to a still picture; more is motion wherever it is."""

_TIMES_NOISE = 8.0
"""How far above the cell's own noise a change must be: some five standard deviations."""

_TIMES_WEATHER = 3.0
"""How far above the weather a change must be; the strongest of many drops changes so much more than most."""

_WEATHER = 0.98
"""Drops and flakes change few cells, each time others: so many change less."""

_LEARNS, _FORGETS = 0.1, 0.4
"""Grey levels by which noise and weather follow what is measured, a picture. Weather falls faster than it
grows, so that only what is in four pictures of five becomes it."""

_CELLS = 3
"""So few cells are no thing."""

_DARK = 8.0
"""Grey levels added before light is compared, for in a dark picture each is a large part."""

_EVERY = (slice(None, None, 3), slice(None, None, 3))
"""Of the cells, those that say what all do: such as are near each other say the same."""

_Grey = npt.NDArray[np.float32]


class MotionGauge:
    """Judges the pictures of one camera in order. Not thread-safe.

    A change of light that is the same all over, as exposure makes it, is taken out. What flickers or sways
    all the time in one place is its noise, which each cell learns as the running median of its changes (as
    the sigma-delta estimate of Manzanera and Richefeu 2007); what falls everywhere is weather, learnt alike
    for the whole picture. Both are bounded: traffic is no noise however heavy.
    """

    def __init__(self) -> None:
        self._kept: Optional[_Grey] = None
        self._last: Optional[_Grey] = None
        self._noise: _Grey = np.zeros((1, 1), np.float32)
        self._weather = 0.0

    def moved(self, pixels: Picture) -> bool:
        """Whether a picture (H x W x 3, BGR) differs from the one kept; true where none is."""
        grey = np.asarray(cv2.blur(thumbnail(pixels).astype(np.float32), _AROUND), np.float32)
        before, self._last = self._last, grey
        if before is not None:
            self._learn(_change(before, grey))
        if self._kept is None:
            return True
        bar = np.maximum(_TIMES_NOISE * self._noise, _TIMES_WEATHER * self._weather)
        moved = _change(self._kept, grey) > np.clip(bar, _LEAST, _MOST)
        return int(np.count_nonzero(moved)) >= _CELLS

    def keep(self) -> None:
        """Hold what comes against the picture that was judged last."""
        self._kept = self._last

    def _learn(self, change: _Grey) -> None:
        self._noise = self._noise + np.float32(_LEARNS) * np.sign(change - self._noise)
        falls = float(np.quantile(change[_EVERY], _WEATHER))
        self._weather += _LEARNS if falls > self._weather else -min(_FORGETS, self._weather - falls)


def _change(before: _Grey, after: _Grey) -> _Grey:
    """Grey levels between two pictures, cell by cell, without what the light as a whole did."""
    then, now = before + _DARK, after + _DARK
    light = np.float32(np.median(now[_EVERY] / then[_EVERY]))
    return np.asarray(np.abs(now - light * then), np.float32)
