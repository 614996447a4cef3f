"""Counts of lines that outlast a restart."""

from __future__ import annotations

from agent.store.database import Database
from agent.store.line_counts import StoredLineCounts
from tests.fakes.clock import FakeClock


def test_what_was_saved_last_is_there_again_by_camera(database: Database, clock: FakeClock) -> None:
    kept = StoredLineCounts(database, clock)
    kept.save("quay", {"gate": {"in": {"car": 2}, "out": {}}})
    kept.save("quay", {"gate": {"in": {"car": 3}, "out": {"person": 1}}})
    kept.save("yard", {"gate": {"in": {"dog": 1}, "out": {}}})
    assert kept.load("quay") == {"gate": {"in": {"car": 3}, "out": {"person": 1}}}
    assert kept.load("roof") == {}


def test_a_line_that_is_counted_no_more_stays(database: Database, clock: FakeClock) -> None:
    kept = StoredLineCounts(database, clock)
    kept.save("quay", {"old": {"in": {"car": 7}, "out": {}}})
    kept.save("quay", {"gate": {"in": {}, "out": {"car": 1}}})
    assert kept.load("quay") == {"old": {"in": {"car": 7}}, "gate": {"out": {"car": 1}}}


def test_nothing_is_written_where_nothing_crossed(database: Database, clock: FakeClock) -> None:
    kept = StoredLineCounts(database, clock)
    kept.save("quay", {"gate": {"in": {}, "out": {}}})
    assert kept.load("quay") == {}


def test_counting_began_when_somebody_asked_first(database: Database, clock: FakeClock) -> None:
    began = clock.now()
    assert StoredLineCounts(database, clock).since() == began
    clock.advance(3600.0)
    assert StoredLineCounts(database, clock).since() == began
