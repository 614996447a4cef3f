"""What a `scene:` address can ask for, read strictly."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass, fields
from typing import Callable, Dict, Union
from urllib.parse import parse_qsl, urlsplit

from agent.errors import SourceError

Value = Union[int, float, str]


@dataclass(frozen=True)
class SceneOptions:
    """Sizes in pixels, times in seconds of media time, `fps` in pictures a second.

    `pace` is `own` (as a camera would give them, by the clock) or `max` (as fast as they are read).
    A phase of 0 s is left out.
    """

    seed: int = 1
    calm_s: float = 4.0
    smoke_s: float = 6.0
    flame_s: float = 6.0
    fire_s: float = 20.0
    out_s: float = 0.0
    width: int = 1280
    height: int = 720
    fps: float = 10.0
    pace: str = "own"


def parse_scene_url(url: str) -> SceneOptions:
    """Read `scene:?seed=3&fire_s=20`; raises SourceError (permanent) naming the option and what to write."""
    parts = urlsplit(url)
    if parts.scheme != "scene" or parts.netloc or parts.path or parts.fragment:
        raise _wrong(f"{url!r} is not a scene: write scene: or scene:?seed=3&fire_s=20")
    given: Dict[str, Value] = {}
    for name, text in parse_qsl(parts.query, keep_blank_values=True):
        if name not in _READERS:
            raise _wrong(f"scene option {name!r} is not known{_hint(name)}")
        if name in given:
            raise _wrong(f"scene option {name!r} is given twice: write it once")
        given[name] = _READERS[name](name, text)
    options = SceneOptions(**given)  # type: ignore[arg-type]
    if options.calm_s + options.smoke_s + options.flame_s + options.fire_s + options.out_s <= 0:
        raise _wrong("every phase of the scene lasts 0 s: give at least one of them a length")
    if not 1.2 <= options.width / options.height <= 2.4:
        raise _wrong(
            f"scene options width={options.width} and height={options.height}: "
            "write a width from 1.2 to 2.4 times the height"
        )
    return options


def _hint(name: str) -> str:
    close = difflib.get_close_matches(name, _READERS, n=1)
    if close:
        return f": did you mean {close[0]!r}?"
    return f": use {', '.join(field.name for field in fields(SceneOptions))}"


def _whole(low: int, high: int) -> Callable[[str, str], Value]:
    def read(name: str, text: str) -> Value:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise _wrong(f"scene option {name}={text!r}: write a whole number from {low} to {high}")
        return int(text)

    return read


def _number(low: float, high: float) -> Callable[[str, str], Value]:
    def read(name: str, text: str) -> Value:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise _wrong(f"scene option {name}={text!r}: write a number from {low:g} to {high:g}")
        return value

    return read


def _pace(name: str, text: str) -> Value:
    if text not in ("own", "max"):
        raise _wrong(f"scene option {name}={text!r}: write own or max")
    return text


def _wrong(message: str) -> SourceError:
    return SourceError(message, permanent=True, reason="bad address")


_DURATION = _number(0, 86_400)
_READERS: Dict[str, Callable[[str, str], Value]] = {
    "seed": _whole(0, 2**32 - 1),
    "calm_s": _DURATION,
    "smoke_s": _DURATION,
    "flame_s": _DURATION,
    "fire_s": _DURATION,
    "out_s": _DURATION,
    "width": _whole(160, 3840),
    "height": _whole(90, 2160),
    "fps": _number(0.1, 60),
    "pace": _pace,
}
