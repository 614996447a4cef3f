"""Durations and hours of the week as people type them, in the languages of the bot."""

from __future__ import annotations

import re
from datetime import time
from typing import Dict, List, Optional, Sequence, Tuple

from agent.domain.guard import Hours, Week
from agent.domain.silence import LONGEST_SILENCE_S

DAY_S = 86_400.0
_UNITS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "u": 3600.0, "d": DAY_S, "j": DAY_S, "w": 7 * DAY_S}
_DURATION = re.compile(r"(\d{1,6})\s*(min|[smhudjw])")
_DAYS: Dict[str, int] = {}
for _number, _names in enumerate(
    (
        ("mon", "lun", "ma", "maa"),
        ("tue", "mar", "di", "din"),
        ("wed", "mer", "wo", "woe"),
        ("thu", "jeu", "do", "don"),
        ("fri", "ven", "vr", "vri"),
        ("sat", "sam", "za", "zat"),
        ("sun", "dim", "zo", "zon"),
    )
):
    _DAYS.update(dict.fromkeys(_names, _number))
_EVERY_DAY = ("daily", "quotidien", "dagelijks")
_SPAN = re.compile(r"(\d{1,2})[:h](\d{2})-(\d{1,2})[:h](\d{2})")
_MIDNIGHT = (24, 0)


def duration_s(text: str) -> Optional[float]:
    """Seconds of `90m`, `1h30m`, `2d`; at most 30 days, None for anything else."""
    compact = text.lower().strip()
    total, end = 0.0, 0
    for match in _DURATION.finditer(compact):
        if match.start() != end:
            return None
        total += int(match[1]) * _UNITS[match[2]]
        end = match.end()
    return total if end == len(compact) and 0 < total <= LONGEST_SILENCE_S else None


def week(words: Sequence[str]) -> Optional[Week]:
    """The hours of `mon-fri 18:00-07:00 sat-sun 00:00-24:00`; None where it cannot be read."""
    parts = [part for word in words for part in word.lower().split(",") if part]
    hours: List[Hours] = []
    days: List[int] = []
    for part in parts:
        span = _span(part)
        if span is None:
            more = _days(part)
            if more is None:
                return None
            days.extend(more)
            continue
        hours.append(Hours(tuple(sorted(set(days))) or tuple(range(7)), *span))
        days = []
    return tuple(hours) if hours and not days else None


def begins_week(word: str) -> bool:
    """Whether a word is a day or a span of hours, and so no camera."""
    first = word.lower().split(",")[0]
    return _span(first) is not None or _days(first) is not None


def _days(part: str) -> Optional[List[int]]:
    if part in _EVERY_DAY:
        return list(range(7))
    first, dash, last = part.partition("-")
    start, end = _day(first), _day(last if dash else first)
    if start is None or end is None:
        return None
    return [(start + step) % 7 for step in range((end - start) % 7 + 1)]


def _day(name: str) -> Optional[int]:
    """A weekday by its name, whole or cut short as is usual."""
    known = _DAYS.get(name.rstrip("."))
    if known is None and len(name) > 3 and name.isalpha():
        return _DAYS.get(name[:3])
    return known


def _span(part: str) -> Optional[Tuple[time, time]]:
    match = _SPAN.fullmatch(part)
    if match is None:
        return None
    start, end = (int(match[1]), int(match[2])), (int(match[3]), int(match[4]))
    end = (0, 0) if end == _MIDNIGHT else end
    if any(hour > 23 or minute > 59 for hour, minute in (start, end)):
        return None
    return time(*start), time(*end)
