from __future__ import annotations

from datetime import timedelta

import pytest

from agent.store import audit as module
from agent.store.audit import Audit, AuditEntry
from agent.store.database import Database
from tests.fakes.clock import FakeClock


@pytest.fixture
def audit(database: Database, clock: FakeClock) -> Audit:
    return Audit(database, clock)


def test_orders_are_kept_newest_first(audit: Audit, clock: FakeClock) -> None:
    first = clock.now()
    audit.note(-40, 7, "silence", "yard object", "until 12:00")
    clock.advance(1)
    audit.note(None, None, "pair")
    assert audit.latest(10) == [
        AuditEntry(clock.now(), None, None, "pair", "", "done"),
        AuditEntry(first, -40, 7, "silence", "yard object", "until 12:00"),
    ]
    assert [entry.action for entry in audit.latest(1)] == ["pair"]
    assert [entry.action for entry in audit.latest(10, chat=-40)] == ["silence"]
    assert audit.latest(10, chat=41) == []


def test_texts_are_bounded_and_harmless(audit: Audit) -> None:
    audit.note(1, 2, "a" * 1000, "enrol \x1b]0;evil\x07\nAnna " + "é" * 1000, "\ud800" * 3)
    (entry,) = audit.latest(1)
    assert (len(entry.action), len(entry.subject), entry.outcome) == (64, 200, "")
    assert entry.subject.startswith("enrol ]0;evil Anna éé")


def test_what_is_too_old_is_pruned(audit: Audit, clock: FakeClock) -> None:
    audit.note(1, 2, "old")
    clock.advance(60)
    audit.note(1, 2, "young")
    assert audit.prune(clock.now()) == 1
    assert [entry.action for entry in audit.latest(10)] == ["young"]
    assert audit.prune(clock.now() + timedelta(days=1)) == 1


def test_of_too_many_the_oldest_go(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ENTRIES", 3)
    for number in range(5):
        audit.note(1, 2, f"order {number}")
    assert [entry.action for entry in audit.latest(10)] == ["order 4", "order 3", "order 2"]
