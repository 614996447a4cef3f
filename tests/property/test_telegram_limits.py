"""Whatever is asked for, and however slowly Telegram answers, no window ever holds more than its limit."""

from __future__ import annotations

from collections import defaultdict
from typing import Dict, List, Tuple

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.telegram.limits import IN_ALL, NEVER, PER_CHAT, PER_GROUP, Going, Limits
from tests.fakes.telegram.limits import busiest

CHATS = st.sampled_from([1, 2, 3, -1, -2])
WISHES = st.lists(st.tuples(CHATS, st.booleans(), st.floats(0.0, 3.0), st.floats(0.0, 5.0)), max_size=150)
"""Chat, urgent, seconds until Telegram answers, which share of that until it counts the message."""


def send_all(wishes: List[Tuple[int, bool, float, float]]) -> Dict[int, List[float]]:
    """Each as soon as the limits let it; when Telegram counted which, by chat."""
    limits = Limits()
    now = 0.0
    counted: Dict[int, List[float]] = defaultdict(list)
    under_way: List[Tuple[float, Going]] = []
    for chat, urgent, takes_s, share in wishes:
        while True:
            for answered, going in list(under_way):
                if answered <= now:
                    going.answered = answered
                    under_way.remove((answered, going))
            wait_s = limits.wait_s(chat, now, urgent)
            if wait_s == 0:
                break
            if wait_s == NEVER:
                now = min(answered for answered, _ in under_way)
            else:
                now = max(now + wait_s, now * (1 + 1e-12))
        under_way.append((now + takes_s, limits.take(chat, now)))
        counted[chat].append(now + takes_s * share / 5.0)
    return counted


@given(WISHES)
@settings(deadline=None)
def test_no_window_ever_holds_more(wishes: List[Tuple[int, bool, float, float]]) -> None:
    counted = send_all(wishes)
    assert sum(map(len, counted.values())) == len(wishes)
    almost = 1 - 1e-6
    for chat, times in counted.items():
        assert busiest(times, PER_CHAT.window_s * almost) <= PER_CHAT.most
        if chat < 0:
            assert busiest(times, PER_GROUP.window_s * almost) <= PER_GROUP.most
    everything = [at for times in counted.values() for at in times]
    assert busiest(everything, IN_ALL.window_s * almost) <= IN_ALL.most


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60), st.booleans())
@settings(deadline=None)
def test_thirty_a_second_hold_for_any_number_of_chats(numbers: List[int], urgent: bool) -> None:
    counted = send_all([(chat * 1000 + number, urgent, 0.0, 0.0) for number, chat in enumerate(numbers * 3)])
    everything = [at for times in counted.values() for at in times]
    most = IN_ALL.most - (0 if urgent else IN_ALL.kept)
    assert busiest(everything, IN_ALL.window_s * (1 - 1e-6)) <= most


@given(CHATS, st.integers(2, 10))
@settings(deadline=None)
def test_an_album_is_paid_for_afterwards(chat: int, pictures: int) -> None:
    limits = Limits()
    limits.take(chat, 0.0, pictures).answered = 0.0
    assert limits.wait_s(chat, 0.0) == pictures * PER_CHAT.window_s


@given(CHATS, CHATS, st.floats(0.1, 100.0))
def test_a_pause_that_telegram_asked_for_is_kept(chat: int, other: int, pause_s: float) -> None:
    limits = Limits()
    limits.hold(chat, pause_s, 0.0)
    assert limits.wait_s(chat, 0.0) == pause_s
    if other != chat:
        assert limits.wait_s(other, 0.0) == 0.0
        limits.hold(other, pause_s, 0.0)
        assert limits.wait_s(99, 0.0) == pause_s
    limits.hold(None, 2 * pause_s, 0.0)
    assert limits.wait_s(99, 0.0) == 2 * pause_s
