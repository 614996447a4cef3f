"""Telegram's limits, kept before it has to insist: pure, the time is an argument.

About one message a second in a chat, 20 a minute in a group, 30 a second in all. The windows slide: no
stretch of that length ever holds more, wherever it begins. When Telegram counts a message nobody knows: at
some moment between its sending and its answer. So it counts here from the one until a window after the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, List, Optional, Tuple

NEVER = float("inf")
_ALWAYS = float("-inf")


@dataclass(frozen=True)
class Limit:
    """At most `most` messages within any `window_s` seconds; `kept` of them are for what is urgent."""

    most: int
    window_s: float
    kept: int = 0


PER_CHAT = Limit(1, 1.0)
PER_GROUP = Limit(20, 60.0, kept=4)
IN_ALL = Limit(30, 1.0, kept=5)
_MOST_CHATS = 1000
"""Chats remembered before those that have been quiet are forgotten."""


@dataclass(eq=False)
class Going:
    """Messages that went out in one request, and when that was answered."""

    weight: int
    answered: float = NEVER


class Window:
    """The messages within one limit."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._going: List[Going] = []

    def free_at(self, urgent: bool, weight: int = 1) -> float:
        """The earliest time at which so many more may go together; NEVER before an answer has come."""
        most = self._limit.most - (0 if urgent else self._limit.kept)
        ends = sorted((end for going in self._going for end in self._ends(going)), reverse=True)
        # An album larger than the limit cannot be taken apart: it waits for an empty window.
        left = max(0, most - weight)
        return ends[left] if len(ends) > left else _ALWAYS

    def take(self, going: Going, now: float) -> None:
        self._going = [one for one in self._going if max(self._ends(one)) > now]
        self._going.append(going)

    def idle(self, now: float) -> bool:
        """True where nothing in it matters any more."""
        return all(max(self._ends(going)) <= now for going in self._going)

    def _ends(self, going: Going) -> List[float]:
        """When each of the messages counts no more; what is above the limit is paid for afterwards."""
        most, window_s = self._limit.most, self._limit.window_s
        return [going.answered + (1 + number // most) * window_s for number in range(going.weight)]


@dataclass
class Limits:
    """What may be sent to whom, when. A chat is its id; groups have negative ones. Times are seconds."""

    _all: Window = field(default_factory=lambda: Window(IN_ALL))
    _chats: Dict[int, Tuple[Window, ...]] = field(default_factory=dict)
    _held: Dict[int, float] = field(default_factory=dict)
    _all_held: float = _ALWAYS

    def wait_s(self, chat: int, now: float, urgent: bool = False, weight: int = 1) -> float:
        """Seconds until so many messages may go to this chat together: 0 where they may now, NEVER where
        something must be answered first."""
        free = [self._all_held, self._held.get(chat, _ALWAYS), self._all.free_at(urgent, weight)]
        free += [window.free_at(urgent, weight) for window in self._chats.get(chat, ())]
        return max(0.0, max(free) - now)

    def take(self, chat: int, now: float, weight: int = 1) -> Going:
        """So many messages go to this chat now; set `answered` once they are."""
        if chat not in self._chats and len(self._chats) >= _MOST_CHATS:
            self._forget(now)
        going = Going(weight)
        self._all.take(going, now)
        for window in self._chats.setdefault(chat, _windows(chat)):
            window.take(going, now)
        return going

    def hold(self, chat: Optional[int], until: float, now: float) -> None:
        """Telegram wants nothing for this chat until then, or nothing at all (None).

        It does not say which. A second chat refused while a first one is held means that it is all.
        """
        self._held = {one: end for one, end in self._held.items() if end > now}
        if chat is None or any(one != chat for one in self._held):
            self._all_held = max(self._all_held, until)
        if chat is not None:
            self._held[chat] = max(self._held.get(chat, until), until)

    def _forget(self, now: float) -> None:
        self._chats = {
            chat: windows
            for chat, windows in self._chats.items()
            if not all(window.idle(now) for window in windows)
        }


def _windows(chat: int) -> Tuple[Window, ...]:
    return (Window(PER_CHAT), Window(PER_GROUP)) if chat < 0 else (Window(PER_CHAT),)
