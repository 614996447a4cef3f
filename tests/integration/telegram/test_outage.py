"""Telegram away for an hour during three incidents: a summary, not a flood, fire first, nothing lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterator, List

import pytest

from agent.domain.incident import Change, Incident, Kind
from agent.errors import PermanentDeliveryError
from tests.fakes.changes import MODEL
from tests.fakes.clock import FakeClock
from tests.fakes.telegram import Broken, Dropped, Hangs, Message, Person, TelegramServer, bad_request
from tests.fakes.tower import Tower
from tests.fakes.waiting import until

SENT = ("sendPhoto", "sendMessage", "editMessageMedia", "editMessageCaption", "editMessageText")


@pytest.fixture
def tower(tmp_path: Path, telegram: TelegramServer, clock: FakeClock) -> Iterator[Tower]:
    with Tower(tmp_path, telegram, clock, timeout_s=0.5, poll_s=1) as built:
        yield built


@pytest.fixture
def anna(tower: Tower, telegram: TelegramServer) -> Person:
    person = telegram.person("Anna")
    tower.admit(person)
    return person


def opened(tower: Tower, id: str, kind: Kind, camera: str = "yard") -> Change:
    reason = "frozen" if kind is Kind.CAMERA else None
    model = None if kind is Kind.CAMERA else MODEL
    return Incident.open(id, camera, kind, tower.clock.now(), 0.9, reason=reason, model=model)


def an_hour(tower: Tower) -> None:
    """Three incidents: a blind camera that sees again, smoke that ends, a fire that still burns."""

    def pass_time(minutes: float) -> None:
        for _ in range(int(minutes * 2)):
            tower.sleeper.wake(30.0)
            tower.once()

    pass_time(5)
    blind = tower.record(opened(tower, "blind", Kind.CAMERA, "hall"), b"")
    pass_time(10)
    smoke = tower.record(opened(tower, "smoke", Kind.SMOKE))
    pass_time(5)
    tower.record(blind.incident.resolve(tower.clock.now(), 0.0), b"")
    pass_time(10)
    fire = tower.record(opened(tower, "fire", Kind.START_FIRE, "hall"))
    tower.record(smoke.incident.resolve(tower.clock.now(), 0.0))
    pass_time(10)
    fire = tower.record(fire.incident.escalate(Kind.FIRE, tower.clock.now(), 0.97))
    for _ in range(4):
        pass_time(5)
        fire = tower.record(fire.incident.update(tower.clock.now(), 0.97))


def come_back(tower: Tower) -> None:
    until(lambda: tower.sleeper.wake(5.0) and tower.sink.ready(), "Telegram answers again")
    tower.sleeper.release()


def read(messages: List[Message]) -> List[str]:
    return [message.text.splitlines()[0] for message in messages]


AWAY = ["down", "502", "dropped", "hang"]


@pytest.mark.parametrize("away", AWAY)
def test_an_hour_away_ends_with_the_fire_and_one_summary(
    away: str, tower: Tower, anna: Person, telegram: TelegramServer
) -> None:
    tower.sleeper.hold()
    if away == "down":
        with telegram.down():
            an_hour(tower)
    else:
        hang = Hangs()
        fault: Any = {"502": Broken(), "dropped": Dropped(), "hang": hang}[away]
        with telegram.fails(fault, times=None):
            until(lambda: tower.sleeper.wake(0.02) and not tower.sink.ready(), "it is noticed")
            an_hour(tower)
        hang.release()
    assert anna.heard == []
    come_back(tower)
    tower.deliver()
    fire, summary = anna.heard
    assert fire.text.startswith("🔥 FIRE · Town hall · 97 %")
    assert "still burning after 30 min" in fire.text
    assert fire.photo
    assert not fire.silent
    assert summary.text.splitlines() == [
        "🕳 2 incidents while no message got through (since 00:05)",
        "💨 00:15 Smoke · Depot yard: over 00:30",
        "📷 00:05 Camera sees nothing · Town hall: over 00:20",
    ]
    assert tower.outbox.depth().pending == tower.outbox.depth().parked == 0
    calls = telegram.calls(SENT, chat=anna)
    assert len([call for call in calls if call.ok]) == 2


def test_what_was_told_before_is_edited_and_what_ends_after_the_summary_is_told(
    tower: Tower, anna: Person, telegram: TelegramServer
) -> None:
    known = tower.record(opened(tower, "known", Kind.CAMERA), b"")
    tower.deliver()
    tower.sleeper.hold()
    with telegram.down():
        until(lambda: tower.sleeper.wake(0.02) and not tower.sink.ready(), "it is noticed")
        tower.record(known.incident.resolve(tower.clock.now(), 0.0), b"")
        missed = tower.record(opened(tower, "missed", Kind.CAMERA, "hall"), b"")
        other = tower.record(opened(tower, "other", Kind.OBJECT, "hall"))
        tower.sleeper.wake(600.0)
    come_back(tower)
    tower.deliver()
    alert = anna.heard[0]
    assert alert.text.startswith("✅ Over")
    assert sorted(read(anna.heard)[1:]) == [
        "✅ Over: Camera sees nothing · Depot yard",
        "🕳 2 incidents while no message got through (since 00:00)",
    ]
    before = len(anna.heard)
    tower.record(missed.incident.resolve(tower.clock.now(), 0.0), b"")
    tower.record(other.incident.update(tower.clock.now(), 0.9))
    tower.deliver()
    over, own = sorted(anna.heard[before:], key=lambda message: message.photo is not None)
    assert over.text.startswith("✅ Over: Camera sees nothing · Town hall")
    assert over.silent
    assert own.text.startswith("📦 Object")


def test_many_missed_incidents_are_still_one_message(
    tower: Tower, anna: Person, telegram: TelegramServer
) -> None:
    tower.sleeper.hold()
    with telegram.down():
        until(lambda: tower.sleeper.wake(0.02) and not tower.sink.ready(), "it is noticed")
        for number in range(70):
            tower.record(opened(tower, f"i{number}", Kind.CAMERA), b"")
            tower.clock.advance(10.0)
        tower.sleeper.wake(300.0)
    come_back(tower)
    tower.deliver()
    (summary,) = anna.heard
    assert summary.text.startswith("🕳 70 incidents while no message got through")
    assert summary.text.endswith("and 45 more: /incidents")
    assert tower.outbox.depth().pending == 0


def test_a_summary_that_somebody_deleted_is_written_anew(
    tower: Tower, anna: Person, telegram: TelegramServer
) -> None:
    for number in range(2):
        tower.record(opened(tower, f"i{number}", Kind.CAMERA), b"")
        tower.clock.advance(200.0)
        telegram.fails(bad_request("message to edit not found"), "editMessageText")
        tower.deliver()
    assert read(anna.heard) == [
        "🕳 1 incident while no message got through (since 00:00)",
        "🕳 1 incident while no message got through (since 00:03)",
    ]


def test_a_summary_that_fails_is_tried_again_and_one_that_never_can_be_is_parked(
    tower: Tower, anna: Person, telegram: TelegramServer
) -> None:
    tower.record(opened(tower, "a", Kind.CAMERA), b"")
    tower.clock.advance(200.0)
    telegram.fails(Broken(), "sendMessage", times=2)
    tower.deliver()
    assert len(anna.heard) == 1
    tower.clock.advance(3600.0)
    tower.record(opened(tower, "b", Kind.CAMERA), b"")
    tower.clock.advance(200.0)
    (leased,) = tower.outbox.lease("telegram", 1, 60.0)
    telegram.fails(bad_request("can't parse entities"), "sendMessage")
    with pytest.raises(PermanentDeliveryError):
        tower.sink.deliver(leased)


def test_429_storms_lose_nothing_and_put_nothing_out_of_order(
    tower: Tower, anna: Person, telegram: TelegramServer
) -> None:
    telegram.enforce_limits()
    changes = [tower.record(opened(tower, f"i{number}", Kind.START_FIRE)) for number in range(4)]
    for round_ in range(3):
        telegram.fails(
            Broken(
                429,
                '{"ok":false,"error_code":429,"description":"Too Many Requests",'
                '"parameters":{"retry_after":2}}',
                "application/json",
            ),
            SENT,
            times=5,
        )
        tower.clock.advance(30.0)
        changes = [
            tower.record(change.incident.update(tower.clock.now(), 0.5 + 0.1 * round_)) for change in changes
        ]
        tower.deliver()
    assert len(anna.heard) == 4
    assert all("70 %" in message.text for message in anna.heard)
    changes = [tower.record(change.incident.resolve(tower.clock.now(), 0.0)) for change in changes]
    tower.deliver()
    assert len(anna.heard) == 8
    for alert in anna.heard[:4]:
        assert alert.text.startswith("✅ Over")
        assert [answer.id for answer in anna.heard[4:] if answer.reply_to == alert.id]
