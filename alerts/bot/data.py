"""What a button sends back: at most 64 bytes, good for as long as what it names is there."""

from __future__ import annotations

import hashlib
from typing import Iterable, Optional, Sequence, Tuple

from alerts.bot.call import Button

LIMIT_BYTES = 64
_PREFIX = "c"
_PART = ":"
_MARK = "~"
_DIGITS = 10
_LABEL = 40


def token(name: str) -> str:
    """A short stand-in for a name of any length: the same after a restart, unlike an index."""
    return _MARK + hashlib.sha256(name.encode()).hexdigest()[:_DIGITS]


def is_token(word: str) -> bool:
    return len(word) == len(_MARK) + _DIGITS and word.startswith(_MARK)


def named(word: str, names: Iterable[str]) -> Optional[str]:
    """Which of `names` a token stands for, None where it is there no more."""
    return next((name for name in names if token(name) == word), None)


def button(label: str, command: str, *arguments: str) -> Button:
    """A button that asks for a command with these arguments; the label is plain text."""
    data = _PART.join((_PREFIX, command, *arguments))
    if len(data.encode()) > LIMIT_BYTES:
        raise ValueError(f"button data is longer than {LIMIT_BYTES} bytes: {data}")
    return Button(label if len(label) <= _LABEL else label[: _LABEL - 1] + "…", data)


def parsed(data: str) -> Optional[Tuple[str, Sequence[str]]]:
    """The command and arguments that a button made here sends; None for any other data."""
    prefix, *parts = data.split(_PART)
    if prefix != _PREFIX or not parts or not parts[0]:
        return None
    return parts[0], tuple(parts[1:])
