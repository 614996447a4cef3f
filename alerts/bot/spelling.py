"""Commands as people type them: which bot is meant, what follows, and what a typo may have meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Optional, Sequence, Tuple

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]{1,64}))?(?=\s|$)")
_WORDS = 32
_WORD = 128
_ALIKE = 0.6


@dataclass(frozen=True)
class Typed:
    """A command by its name in small letters; `addressed` where the bot's own name was with it."""

    name: str
    arguments: Tuple[str, ...]
    addressed: bool


def typed(text: str, username: str) -> Optional[Typed]:
    """The command that a text begins with; None where it is none, or another bot's."""
    match = _COMMAND.match(text)
    if match is None:
        return None
    name, bot = match.groups()
    if bot is not None and bot.lower() != username.lower():
        return None
    words = [word[:_WORD] for word in text[match.end() :].split(None, _WORDS)[:_WORDS]]
    return Typed(name.lower(), tuple(words), bot is not None)


def meant(name: str, names: Sequence[str]) -> Optional[str]:
    """Which of `names` a mistyped one is most like: the one it begins, where there is only one."""
    begun = [one for one in names if one.startswith(name.lower())]
    if len(begun) == 1:
        return begun[0]
    close = get_close_matches(name.lower()[:_WORD], names, n=1, cutoff=_ALIKE)
    return close[0] if close else None
