"""Whether a face moves like a head or like a flat picture of one.

The five landmarks of a flat picture, however it is turned or moved, are one plane seen from several sides:
under the affine camera (right for a face that is small against its distance) all their positions are mixtures
of two patterns. A head that turns shows a third, for its nose stands before the plane of eyes and mouth. That
third part is measured (the factorisation of Tomasi and Kanade, 1992: rank 3 for a solid, 2 for a plane).

It cannot tell a screen that plays a film of a head from the head, nor a mask, nor a picture bent round; and a
person who does not move is not told from a picture either. docs/authentication.md has figures.
"""

from __future__ import annotations

from typing import Sequence

import numpy as np
import numpy.typing as npt

LEAST_DEPTH = 0.08
"""What a head shows that turns aside by some 45 degrees, in distances between the eyes. The detector, which
expects a solid, sees as much on a print now and then that is tilted for long (benchmarks/liveness.py)."""


def depth(landmarks: Sequence[npt.NDArray[np.float32]]) -> float:
    """How much the landmarks (5 x 2 each, as of agent.ports.Face) of one track move as no plane does: root
    mean square over the looks, in distances between the eyes. 0 for fewer than three looks."""
    if len(landmarks) < 3:
        return 0.0
    scaled = [_scaled(np.asarray(points, np.float64)) for points in landmarks]
    positions = np.concatenate([points.T for points in scaled])
    strengths = np.linalg.svd(positions, compute_uv=False)
    return float(strengths[2] / np.sqrt(len(landmarks)))


def _scaled(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Relative to their middle, in distances between the eyes as they would be seen from the front.

    Turning brings the eyes together in the picture and leaves the height of the face: the larger counts.
    """
    centred = points - points.mean(axis=0)
    eyes = float(np.linalg.norm(points[1] - points[0]))
    height = float(np.linalg.norm(points[3:].mean(axis=0) - points[:2].mean(axis=0)))
    return np.asarray(centred / max(eyes, height, 1e-6), np.float64)
