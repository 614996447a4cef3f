"""How many messages Telegram takes: counted for tests, and enforced where asked."""

from __future__ import annotations

import math
from collections import deque
from typing import Deque, Dict, Iterable, List, Optional

from tests.fakes.telegram.errors import too_many_requests
from tests.fakes.telegram.records import Call, Chat

CHAT_PER_S = 1.0
CHAT_BURST = 3
GROUP_PER_MINUTE = 20
ALL_PER_S = 30

_COUNTED = ("send", "editMessage")
_FREE = ("sendChatAction",)


def weight(call: Call) -> int:
    """How many messages the call counts for: an album's pictures each, an edit one, a question none."""
    if not call.method.startswith(_COUNTED) or call.method in _FREE:
        return 0
    media = call.params.get("media")
    return len(media) if call.method == "sendMediaGroup" and isinstance(media, list) else 1


def messages_at(calls: Iterable[Call]) -> List[float]:
    """The times (seconds) of all messages in `calls`."""
    return [call.at for call in calls for _ in range(weight(call))]


def busiest(times: Iterable[float], window_s: float) -> int:
    """The most of `times` (seconds) that lie in any half-open window of `window_s`."""
    most = 0
    inside: Deque[float] = deque()
    for at in sorted(times):
        inside.append(at)
        while at - inside[0] >= window_s:
            inside.popleft()
        most = max(most, len(inside))
    return most


class Limits:
    """Raises 429 for what is too much; what was refused does not count."""

    def __init__(self) -> None:
        self._all: Deque[float] = deque()
        self._groups: Dict[int, Deque[float]] = {}
        self._buckets: Dict[int, _Bucket] = {}

    def check(self, call: Call, chat: Optional[Chat]) -> None:
        """Count the call. Raises: ApiError (429) with the seconds to wait."""
        count = weight(call)
        if not count or chat is None:
            return
        bucket = self._buckets.setdefault(chat.id, _Bucket(call.at))
        group = self._groups.setdefault(chat.id, deque()) if chat.type != "private" else None
        waits = [bucket.wait(call.at, count), _wait(self._all, call.at, 1.0, ALL_PER_S - count)]
        if group is not None:
            waits.append(_wait(group, call.at, 60.0, GROUP_PER_MINUTE - count))
        if max(waits) > 0:
            raise too_many_requests(max(1, math.ceil(max(waits))))
        bucket.take(count)
        for window in (self._all, group):
            if window is not None:
                window.extend([call.at] * count)


class _Bucket:
    """One message a second on average; an album may overdraw, and is paid for afterwards."""

    def __init__(self, at: float) -> None:
        self._left = float(CHAT_BURST)
        self._at = at

    def wait(self, at: float, count: int) -> float:
        self._left = min(CHAT_BURST, self._left + (at - self._at) * CHAT_PER_S)
        self._at = at
        missing = min(count, CHAT_BURST) - self._left
        return missing / CHAT_PER_S if missing > 1e-9 else 0.0

    def take(self, count: int) -> None:
        self._left -= count


def _wait(window: Deque[float], at: float, length_s: float, room: int) -> float:
    """Seconds until no more than `room` of `window` are younger than `length_s`."""
    while window and at - window[0] >= length_s:
        window.popleft()
    return window[len(window) - room - 1] + length_s - at if len(window) > room else 0.0
