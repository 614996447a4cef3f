"""Texts that strangers choose, made safe to keep, to log and to print on a terminal."""

from __future__ import annotations

import re

# Control characters move a terminal's cursor, bidirectional ones turn what follows around, and lone
# surrogates are not UTF-8, which SQLite keeps.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def one_line(text: str, longest: int) -> str:
    """`text` on one line, without what could harm who reads it, and no longer than so many characters."""
    words = _UNSAFE.sub("", " ".join(text[: 4 * longest].split())).split()
    safe = " ".join(words)
    return safe if len(safe) <= longest else safe[: longest - 1] + "…"
