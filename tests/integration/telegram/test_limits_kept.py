"""Telegram's limits hold as its server counts them, and fire goes before the rest."""

from __future__ import annotations

from typing import List

from agent.domain.incident import Change, Incident, Kind
from tests.fakes.changes import MODEL
from tests.fakes.telegram import TelegramServer
from tests.fakes.tower import Tower


def opened(tower: Tower, id: str, kind: Kind) -> Change:
    if kind is Kind.CAMERA:
        return Incident.open(id, "yard", kind, tower.clock.now(), 1.0, reason="frozen")
    return Incident.open(id, "yard", kind, tower.clock.now(), 0.9, model=MODEL)


def test_a_group_hears_one_a_second_and_twenty_a_minute_at_most(
    tower: Tower, telegram: TelegramServer
) -> None:
    telegram.enforce_limits()
    group = telegram.group("Brigade")
    tower.admit(group)
    changes: List[Change] = []
    for number in range(25):
        changes.append(tower.record(opened(tower, f"i{number:02}", Kind.START_FIRE)))
    tower.deliver()
    for change in changes:
        tower.record(change.incident.resolve(tower.clock.now(), 0.0))
    tower.deliver(1000)
    assert len(group.heard) == 50
    assert telegram.rate(60.0, chat=group) <= 20
    assert telegram.rate(1.0, chat=group) <= 1
    assert all(call.ok for call in telegram.calls(("sendPhoto", "sendMessage")))


def test_many_chats_together_hear_thirty_a_second_at_most(tower: Tower, telegram: TelegramServer) -> None:
    telegram.enforce_limits()
    people = [telegram.person(f"P{number}") for number in range(50)]
    for person in people:
        tower.admit(person)
    for number in range(3):
        tower.record(opened(tower, f"i{number}", Kind.START_FIRE))
    tower.deliver()
    assert all(len(person.heard) == 3 for person in people)
    assert telegram.rate(1.0) <= 30
    assert max(telegram.rate(1.0, chat=person) for person in people) <= 1


def test_fire_goes_first_though_it_was_recorded_last(tower: Tower, telegram: TelegramServer) -> None:
    group = telegram.group("Brigade")
    tower.admit(group)
    for number in range(10):
        tower.record(opened(tower, f"camera{number}", Kind.CAMERA), b"")
    tower.record(opened(tower, "fire", Kind.FIRE))
    tower.deliver()
    assert group.heard[0].text.startswith("🔥 FIRE")


def test_a_fire_finds_room_in_a_group_that_lesser_kinds_filled(
    tower: Tower, telegram: TelegramServer
) -> None:
    group = telegram.group("Brigade")
    tower.admit(group)
    for number in range(16):
        tower.record(opened(tower, f"camera{number:02}", Kind.CAMERA), b"")
    tower.deliver()
    assert telegram.rate(60.0, chat=group) == 16
    tower.record(opened(tower, "another", Kind.CAMERA), b"")
    tower.once()
    assert len(group.heard) == 16
    at = tower.clock.monotonic()
    tower.record(opened(tower, "fire", Kind.FIRE))
    tower.once()
    assert group.last.text.startswith("🔥 FIRE")
    assert tower.clock.monotonic() - at < 5
