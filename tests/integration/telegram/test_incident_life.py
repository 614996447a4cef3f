"""The whole life of incidents as a chat sees it, kept as transcripts that a person can read."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

import pytest

from agent.domain.incident import Incident, Kind
from tests.fakes.changes import MODEL
from tests.fakes.clock import FakeClock
from tests.fakes.telegram import Group, Person
from tests.fakes.telegram.fixture import telegram_server
from tests.fakes.tower import Tower

GOLDEN = Path(__file__).parents[2] / "golden" / "telegram"
WRITE = os.environ.get("BEFFROI_GOLDEN") == "write"


def live_through(tower: Tower, clock: FakeClock, anna: Person, brigade: Group) -> None:
    """A bin that burns, from the first smoke to the end, and a false alarm."""

    def minutes(number: float) -> datetime:
        clock.advance(60 * number - clock.monotonic() % 60)
        return clock.now()

    actor = f"telegram:{anna.id}"
    change = tower.record(Incident.open("a1", "yard", Kind.START_FIRE, minutes(1), 0.78, model=MODEL))
    tower.deliver()
    change = tower.record(change.incident.update(minutes(5), 0.83))
    tower.deliver()
    change = tower.record(change.incident.escalate(Kind.FIRE, minutes(2), 0.94))
    tower.deliver()
    change = tower.record(change.incident.acknowledge(minutes(1), actor), b"")
    tower.deliver()
    change = tower.record(change.incident.update(minutes(5), 0.97))
    tower.deliver()
    tower.record(change.incident.resolve(minutes(20), 0.02))
    tower.deliver()
    change = tower.record(Incident.open("b2", "hall", Kind.SMOKE, minutes(30), 0.71, model=MODEL))
    tower.deliver()
    tower.record(change.incident.dismiss(minutes(3), actor), b"")
    tower.deliver()
    change = tower.record(Incident.open("c3", "hall", Kind.CAMERA, minutes(60), 1.0, reason="frozen"), b"")
    tower.deliver()
    tower.record(change.incident.resolve(minutes(15), 0.0), b"")
    tower.deliver()


@pytest.mark.parametrize("language", ["en", "fr", "nl"])
def test_the_life_of_incidents_reads_as_agreed(tmp_path: Path, language: str) -> None:
    clock = FakeClock(datetime(2026, 1, 1, 12, 0, tzinfo=timezone.utc))
    with telegram_server(clock) as telegram, Tower(tmp_path, telegram, clock) as tower:
        anna = telegram.person("Anna Peeters")
        brigade = telegram.group("Brigade", anna)
        tower.admit(brigade, language)
        tower.members.remember(anna.id, "Anna Peeters")
        live_through(tower, clock, anna, brigade)
        seen = telegram.transcript(brigade)
    golden = GOLDEN / f"incident.{language}.txt"
    if WRITE:
        golden.write_text(seen, encoding="utf-8")
    assert seen == golden.read_text(encoding="utf-8")
