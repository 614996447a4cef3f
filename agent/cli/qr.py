"""A QR code for the terminal, two modules to a character."""

from __future__ import annotations

from typing import List

import segno
from rich.text import Text

_BORDER = 2
_HALVES = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
# Said outright: a reader wants dark on light, whatever the terminal's own colours are.
_INK = "black on white"


def qr(content: str) -> Text:
    """The code as lines of blocks, with the light border that readers need."""
    rows: List[List[int]] = [list(row) for row in segno.make_qr(content).matrix_iter(border=_BORDER)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    lines = [
        "".join(_HALVES[upper, lower] for upper, lower in zip(*pair)) for pair in zip(rows[::2], rows[1::2])
    ]
    return Text("\n".join(lines), style=_INK, no_wrap=True)
