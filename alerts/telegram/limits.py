"""Telegram's limits, kept before it has to insist: pure, the time is an argument.

About one message a second in a chat, 20 a minute in a group, 30 a second in all. The windows slide: no
stretch of that length ever holds more, wherever it begins.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Deque, Dict, List, Optional


@dataclass(frozen=True)
class Limit:
    """At most `most` messages within any `window_s` seconds; `kept` of them are for what is urgent."""

    most: int
    window_s: float
    kept: int = 0


PER_CHAT = Limit(1, 1.0)
PER_GROUP = Limit(20, 60.0, kept=4)
IN_ALL = Limit(30, 1.0, kept=5)
_IDLE_CHATS = 1000
"""Chats remembered before those that have been quiet are forgotten."""


class Window:
    """The messages within one limit."""

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._taken: Deque[float] = deque(maxlen=limit.most)

    def free_at(self, urgent: bool, weight: int = 1) -> float:
        """The earliest time at which so many more may go together."""
        most = self._limit.most - (0 if urgent else self._limit.kept)
        # An album larger than the limit cannot be taken apart: it waits for an empty window.
        before = max(0, most - weight) + 1
        if len(self._taken) < before:
            return float("-inf")
        return self._taken[-before] + self._limit.window_s

    def take(self, at: float, weight: int = 1) -> None:
        """So many go now; what is above the limit is paid for afterwards."""
        for number in range(weight):
            self._taken.append(at + number // self._limit.most * self._limit.window_s)

    def idle(self, now: float) -> bool:
        """True where nothing in it matters any more."""
        return not self._taken or self._taken[-1] + self._limit.window_s <= now


class Limits:
    """What may be sent to whom, when. A chat is its id; groups have negative ones. Times are seconds."""

    def __init__(self) -> None:
        self._all = Window(IN_ALL)
        self._chats: Dict[int, List[Window]] = {}
        self._held: Dict[int, float] = {}
        self._all_held = float("-inf")

    def wait_s(self, chat: int, now: float, urgent: bool = False, weight: int = 1) -> float:
        """Seconds until so many messages may go to this chat together; 0 where they may now."""
        free = [self._all_held, self._held.get(chat, float("-inf")), self._all.free_at(urgent, weight)]
        free += [window.free_at(urgent, weight) for window in self._chats.get(chat, ())]
        return max(0.0, max(free) - now)

    def take(self, chat: int, now: float, weight: int = 1) -> None:
        """So many messages go to this chat now."""
        if chat not in self._chats and len(self._chats) >= _IDLE_CHATS:
            self._forget(now)
        self._all.take(now, weight)
        for window in self._chats.setdefault(chat, _windows(chat)):
            window.take(now, weight)

    def hold(self, chat: Optional[int], until: float, now: float) -> None:
        """Telegram wants nothing for this chat until then, or nothing at all (None).

        It does not say which. A second chat refused while a first one is held means that it is all.
        """
        others = [one for one, end in self._held.items() if end > now and one != chat]
        if chat is None or others:
            self._all_held = max(self._all_held, until)
        if chat is not None:
            self._held = {one: end for one, end in self._held.items() if end > now}
            self._held[chat] = max(self._held.get(chat, until), until)

    def _forget(self, now: float) -> None:
        self._chats = {
            chat: windows
            for chat, windows in self._chats.items()
            if not all(window.idle(now) for window in windows)
        }


def _windows(chat: int) -> List[Window]:
    return [Window(PER_CHAT), Window(PER_GROUP)] if chat < 0 else [Window(PER_CHAT)]
