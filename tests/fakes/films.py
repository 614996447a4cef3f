"""Makes small films of moving shapes and of burning colours."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Sequence, Tuple

import av
import numpy as np


def write_film(path: Path, frames: int = 20, rate: int = 10, width: int = 64, height: int = 48) -> Path:
    """An MPEG-4 film in which a bright square moves right over noise; the upper left corner is white."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = Fraction(1, rate)
        noise = np.random.default_rng(3)
        for index in range(frames):
            pixels = noise.integers(0, 60, (height, width, 3), np.uint8)
            pixels[20:30, index : index + 10] = 200
            pixels[:16, :16] = 255
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, format="bgr24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def turn_film(path: Path) -> Path:
    """Rewrite the film's track header so that players turn it by a quarter, clockwise."""
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40  # version 0: the matrix follows 40 bytes of the box
    words = (0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    data[matrix : matrix + 36] = b"".join(word.to_bytes(4, "big", signed=True) for word in words)
    path.write_bytes(data)
    return path


Scene = Tuple[Sequence[int], float]
"""A colour (BGR) and for how many seconds it fills the picture."""


def write_scenes(
    path: Path, scenes: Sequence[Scene], rate: int = 10, width: int = 96, height: int = 64
) -> Path:
    """An MPEG-4 film of one colour after another, with the texture and the noise of a camera that sees."""
    noise = np.random.default_rng(5)
    texture = noise.integers(-25, 26, (height // 8, width // 8, 1)).repeat(8, 0).repeat(8, 1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate = 2_000_000
        stream.time_base = Fraction(1, rate)
        for colour in [colour for colour, seconds in scenes for _ in range(round(seconds * rate))]:
            pixels = np.array(colour) + texture + noise.integers(-12, 13, (height, width, 1))
            picture = np.ascontiguousarray(pixels.clip(0, 255), np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path
