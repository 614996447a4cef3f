"""dlib's predictor of five face points, read from its file (dlib/image_processing/shape_predictor.h)."""

from __future__ import annotations

from typing import Dict, List, Tuple

import numpy as np
import numpy.typing as npt

from models.convert.dlib_stream import Reader

Arrays = Dict[str, npt.NDArray[np.generic]]

POINTS = 5
_Split = Tuple[int, int, float]


def read_predictor(data: bytes, name: str) -> Arrays:
    """What shape_predictor_5_face_landmarks.dat holds, as agent.faces.predictor takes it.

    Raises DamagedFileError where it is anything else.
    """
    reader = Reader(data, name)
    reader.expect(reader.whole(), 1)
    shape = reader.column()
    reader.expect(shape.size, 2 * POINTS)
    forests = reader.each(lambda: reader.each(lambda: _tree(reader)))
    anchors = reader.each(lambda: reader.each(lambda: reader.count(POINTS - 1)))
    deltas = reader.each(lambda: reader.each(lambda: (reader.real(), reader.real())))
    reader.end()
    # Ragged lists have no shape: each forest, tree and stage must be as large as the first.
    try:
        splits = np.array([[tree[0] for tree in forest] for forest in forests], np.float64)
        leaves = np.array([[tree[1] for tree in forest] for forest in forests], np.float32)
        arrays: Arrays = {
            "shape": shape.reshape(POINTS, 2),
            "first": splits[..., 0].astype(np.int16),
            "second": splits[..., 1].astype(np.int16),
            "threshold": splits[..., 2].astype(np.float32),
            "leaves": leaves.reshape(*leaves.shape[:3], POINTS, 2),
            "anchors": np.array(anchors, np.int16),
            "deltas": np.array(deltas, np.float32),
        }
    except (ValueError, IndexError) as error:
        raise reader.wrong("trees of different sizes") from error
    reader.expect(arrays["deltas"].shape, (*arrays["anchors"].shape, 2))
    reader.expect(len(arrays["anchors"]), len(forests))
    reader.expect(max(arrays["first"].max(), arrays["second"].max()) < arrays["anchors"].shape[1], True)
    return arrays


def _tree(reader: Reader) -> Tuple[List[_Split], List[npt.NDArray[np.float32]]]:
    splits = reader.each(lambda: (reader.count(), reader.count(), reader.real()))
    leaves = reader.each(reader.column)
    # A tree is full: agent.faces.predictor goes down as many steps on every way.
    reader.expect(len(leaves), len(splits) + 1)
    reader.expect(len(leaves) & len(splits), 0)
    return splits, leaves
