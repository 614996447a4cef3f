from __future__ import annotations

import numpy as np
import pytest

from agent.domain.box import Box
from agent.vision.parts import cut_out


@pytest.mark.parametrize(
    ("box", "rows", "columns"),
    [
        (Box(0.25, 0.5, 0.75, 1.0), (2, 4), (2, 6)),
        (Box(-1.0, -1.0, 2.0, 2.0), (0, 4), (0, 8)),
        (Box(1.0, 1.0, 1.0, 1.0), (3, 4), (7, 8)),
        (Box(-0.5, -0.5, -0.1, -0.1), (0, 1), (0, 1)),
        (Box(0.5, 0.5, 0.5, 0.5), (2, 3), (4, 5)),
    ],
)
def test_what_lies_in_a_box_is_cut_out_a_pixel_at_least(
    box: Box, rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    picture = np.arange(4 * 8 * 3, dtype=np.uint8).reshape(4, 8, 3)
    part = cut_out(picture, box)
    assert np.array_equal(part, picture[rows[0] : rows[1], columns[0] : columns[1]])
    assert np.shares_memory(part, picture)
