from __future__ import annotations

from datetime import timedelta

import pytest

from agent.errors import StoreError
from agent.store import dialogues as module
from agent.store.database import Database
from agent.store.dialogues import LARGEST_STATE, Dialogue, Dialogues
from tests.fakes.clock import FakeClock


@pytest.fixture
def dialogues(database: Database, clock: FakeClock) -> Dialogues:
    return Dialogues(database, clock)


def test_each_user_in_each_chat_has_one(dialogues: Dialogues, database: Database, clock: FakeClock) -> None:
    state = {"name": "Zoë 👩‍🚒", "photos": ["AgAC", 3], "consent": True, "lone": "\ud83d"}
    ends = clock.now() + timedelta(seconds=60)
    dialogues.put(-40, 7, "enrol", state, 60)
    dialogues.put(-40, 8, "forget", {}, 30)
    again = Dialogues(database, clock)
    assert again.get(-40, 7) == Dialogue("enrol", state, ends)
    assert again.get(-40, 8) == Dialogue("forget", {}, ends - timedelta(seconds=30))
    assert (again.get(-41, 7), again.get(-40, 9)) == (None, None)


def test_going_on_puts_off_the_end(dialogues: Dialogues, clock: FakeClock) -> None:
    dialogues.put(1, 1, "enrol", {"step": 1}, 60)
    clock.advance(59)
    dialogues.put(1, 1, "enrol", {"step": 2}, 60)
    clock.advance(59)
    under_way = dialogues.get(1, 1)
    assert under_way is not None
    assert under_way.state == {"step": 2}
    clock.advance(1)
    assert dialogues.get(1, 1) is None


def test_dropping_ends_it(dialogues: Dialogues) -> None:
    dialogues.put(1, 1, "enrol", {}, 60)
    assert dialogues.drop(1, 1)
    assert not dialogues.drop(1, 1)
    assert dialogues.get(1, 1) is None


def test_those_that_ran_out_are_given_out_once(dialogues: Dialogues, clock: FakeClock) -> None:
    dialogues.put(1, 1, "enrol", {"step": 1}, 60)
    dialogues.put(2, 2, "forget", {}, 30)
    dialogues.put(3, 3, "enrol", {}, 61)
    assert dialogues.take_expired() == []
    clock.advance(60)
    taken = dialogues.take_expired()
    assert [(chat, user, each.kind, each.state) for chat, user, each in taken] == [
        (2, 2, "forget", {}),
        (1, 1, "enrol", {"step": 1}),
    ]
    assert dialogues.take_expired() == []
    assert dialogues.get(3, 3) is not None


def test_a_state_that_is_too_large_is_refused(dialogues: Dialogues) -> None:
    dialogues.put(1, 1, "enrol", {"a": "x" * (LARGEST_STATE - 8)}, 60)
    with pytest.raises(StoreError, match="takes 16385 bytes"):
        dialogues.put(1, 1, "enrol", {"a": "x" * (LARGEST_STATE - 7)}, 60)
    kept = dialogues.get(1, 1)
    assert kept is not None
    assert len(kept.state["a"]) == LARGEST_STATE - 8


def test_a_new_one_is_never_the_one_to_make_way(
    dialogues: Dialogues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_DIALOGUES", 2)
    for user in (1, 2, 3):
        dialogues.put(user, user, "enrol", {}, 60)
    dialogues.put(4, 4, "forget", {}, 1)
    assert sum(dialogues.get(user, user) is not None for user in (1, 2, 3)) == 1
    assert dialogues.get(4, 4) is not None
