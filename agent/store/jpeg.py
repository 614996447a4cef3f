"""Read a JPEG's size from its header, without decoding it."""

from __future__ import annotations

from typing import Tuple

_NOT_FRAMES = (0xC4, 0xC8, 0xCC)


def jpeg_size(data: bytes) -> Tuple[int, int]:
    """Width and height in pixels; raises ValueError where `data` is not a whole JPEG."""
    if not data.startswith(b"\xff\xd8") or not data.endswith(b"\xff\xd9"):
        raise ValueError("not a whole JPEG")
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in _NOT_FRAMES:
            height = int.from_bytes(data[at + 5 : at + 7], "big")
            width = int.from_bytes(data[at + 7 : at + 9], "big")
            return width, height
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    raise ValueError("a JPEG without a frame header")
