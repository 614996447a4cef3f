"""What each picture of a folder is like: size, light, colours, hashes; and why one cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Sequence, Tuple

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track

from agent.inference.bundle import sha256_of
from agent.ports import Picture
from models.data import Item, read_picture
from models.near import Hashes, perceptual_hash

MEASURES = ("width", "height", "brightness", "contrast", "saturation", "warm")
"""What `Facts.measures` holds. Sides in pixels; brightness and contrast: mean and standard deviation of the
grey levels, 0 to 255; saturation is the mean of HSV's, 0 to 1; warm is the share of pixels that are bright,
saturated, and red to yellow, as flames are, and lamps, sunsets and orange clothes."""

_WARM_LOW, _WARM_HIGH = (0, 100, 150), (30, 255, 255)
"""OpenCV's HSV: hue in 0..179, the others in 0..255."""
_ENDS = {b"\xff\xd8\xff": (b"\xff\xd9", "JPEG"), b"\x89PNG": (b"IEND", "PNG")}
_TAIL = 1024  # bytes: some cameras write a little after the end


@dataclass(frozen=True)
class Facts:
    """A picture that can be read; `name` is its path below the folder, with slashes."""

    item: Item
    name: str
    sha256: str
    measures: Dict[str, float]
    bits: Hashes


@dataclass(frozen=True)
class Survey:
    """The readable pictures, in the order of the items, and why the others (by name) are not."""

    facts: List[Facts]
    unreadable: List[Tuple[str, str]]


def survey(root: Path, items: Sequence[Item]) -> Survey:
    """Read every picture of `items`, which lie below `root`, once."""
    console = Console(stderr=True)
    facts, unreadable = [], []
    for item in track(items, "reading", console=console, transient=True, disable=not console.is_terminal):
        name = item.path.relative_to(root).as_posix()
        try:
            data = item.path.read_bytes()
            picture = read_picture(item.path)
        except OSError as error:
            unreadable.append((name, f"cannot be opened: {error.strerror}"))
            continue
        if picture is None:
            unreadable.append((name, _why_not(data)))
            continue
        facts.append(Facts(item, name, sha256_of(item.path), measured(picture), perceptual_hash(picture)))
    return Survey(facts, unreadable)


def measured(picture: Picture) -> Dict[str, float]:
    """MEASURES of an H x W x 3 BGR picture."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    hsv = cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)
    warm = cv2.inRange(hsv, np.array(_WARM_LOW), np.array(_WARM_HIGH))
    return {
        "width": float(picture.shape[1]),
        "height": float(picture.shape[0]),
        "brightness": float(grey.mean()),
        "contrast": float(grey.std()),
        "saturation": float(hsv[:, :, 1].mean() / 255),
        "warm": float((warm > 0).mean()),
    }


def _why_not(data: bytes) -> str:
    if not data:
        return "the file is empty"
    for start, (end, kind) in _ENDS.items():
        if data.startswith(start):
            return (
                f"damaged {kind}" if end in data[-_TAIL:] else f"cut short: the end of the {kind} is missing"
            )
    return f"no picture: begins with {data[:8]!r}"
