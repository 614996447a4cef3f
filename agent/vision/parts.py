"""Parts of pictures."""

from __future__ import annotations

from agent.domain.box import Box
from agent.ports import Picture


def cut_out(picture: Picture, box: Box) -> Picture:
    """What lies in the box (in shares of the picture), as far as it is in the picture: a pixel at least. No
    copy."""
    height, width = picture.shape[:2]
    left, right = (round(min(1.0, max(0.0, x)) * width) for x in (box.left, box.right))
    top, bottom = (round(min(1.0, max(0.0, y)) * height) for y in (box.top, box.bottom))
    left, top = min(left, width - 1), min(top, height - 1)
    return picture[top : max(top + 1, bottom), left : max(left + 1, right)]
