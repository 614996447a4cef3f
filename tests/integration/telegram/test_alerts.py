"""What chats are told of incidents, whatever fails on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List

import pytest
from structlog.testing import capture_logs

from agent.domain.access import Role
from agent.domain.incident import Change, Incident, Kind
from agent.errors import DeliveryError, PermanentDeliveryError, StoreError
from agent.store.alert_messages import AlertMessage
from agent.store.schema import DeliveryState
from tests.fakes.changes import MODEL, delivery
from tests.fakes.clock import FakeClock
from tests.fakes.pictures import jpeg
from tests.fakes.telegram import (
    TOKEN,
    Broken,
    Dropped,
    Garbled,
    Group,
    Hangs,
    Person,
    TelegramServer,
    Truncated,
    bad_request,
    picture_refused,
    server_error,
    too_large,
    too_many_requests,
)
from tests.fakes.tower import Tower

PICTURES = ("sendPhoto", "editMessageMedia")


@pytest.fixture
def anna(tower: Tower, telegram: TelegramServer) -> Person:
    person = telegram.person("Anna Peeters")
    tower.admit(person)
    return person


@pytest.fixture
def brigade(tower: Tower, telegram: TelegramServer) -> Group:
    group = telegram.group("Brigade")
    tower.admit(group)
    return group


def opened(tower: Tower, id: str = "a1", kind: Kind = Kind.FIRE, camera: str = "yard") -> Change:
    if kind is Kind.CAMERA:
        return Incident.open(id, camera, kind, tower.clock.now(), 1.0, reason="frozen")
    return Incident.open(id, camera, kind, tower.clock.now(), 0.9, model=MODEL)


def told(tower: Tower, change: Change) -> Change:
    tower.record(change)
    tower.deliver()
    return change


def states(tower: Tower, incident_id: str = "a1") -> List[DeliveryState]:
    past = tower.history.get(incident_id)
    assert past is not None
    return [row.state for step in past.changes for row in step.told]


def test_a_fire_is_loud_with_its_picture_and_buttons(tower: Tower, anna: Person) -> None:
    told(tower, opened(tower))
    (message,) = anna.heard
    assert message.photo
    assert not message.silent
    assert message.text.splitlines()[0] == "🔥 FIRE · Depot yard · 90 %"
    assert message.buttons == ["✅ Acknowledge", "❌ False alarm", "📷 Live picture"]


def test_what_is_less_severe_than_asked_for_is_silent(
    tmp_path: Path, telegram: TelegramServer, clock: FakeClock
) -> None:
    with Tower(tmp_path, telegram, clock, loud_from="critical") as tower:
        anna = telegram.person("Anna")
        tower.admit(anna)
        told(tower, opened(tower, "a", Kind.START_FIRE))
        told(tower, opened(tower, "b", Kind.FIRE))
        told(tower, opened(tower, "c", Kind.CAMERA))
        assert [message.silent for message in anna.heard] == [False, False, True]


def test_what_goes_on_edits_the_message_and_its_picture(tower: Tower, anna: Person) -> None:
    first = told(tower, opened(tower))
    before = anna.last.file
    for _ in range(7):
        tower.clock.advance(60)
        first = told(tower, first.incident.update(tower.clock.now(), 0.9))
    (message,) = anna.heard
    assert "still burning after 7 min" in message.text
    assert message.file != before


def test_a_change_without_a_picture_keeps_the_former_one(tower: Tower, anna: Person) -> None:
    first = told(tower, opened(tower))
    before = anna.last.file
    tower.record(first.incident.acknowledge(tower.clock.now(), "anna of the city"), b"")
    tower.deliver()
    (message,) = anna.heard
    assert message.file == before
    assert "Acknowledged by anna of the city" in message.text


def test_what_waited_collapses_into_one_message(tower: Tower, anna: Person, telegram: TelegramServer) -> None:
    change = tower.record(opened(tower, kind=Kind.START_FIRE))
    for _ in range(5):
        tower.clock.advance(5)
        change = tower.record(change.incident.update(tower.clock.now(), 0.8))
    change = tower.record(change.incident.escalate(Kind.FIRE, tower.clock.now(), 0.95))
    tower.deliver()
    (message,) = anna.heard
    assert message.text.startswith("🔥 FIRE")
    assert len(telegram.calls(("sendPhoto", "sendMessage", *PICTURES), chat=anna)) == 1
    assert set(states(tower)) == {DeliveryState.DONE}


def test_an_escalation_that_waited_behind_an_update_is_still_loud(tower: Tower, anna: Person) -> None:
    change = told(tower, opened(tower, kind=Kind.START_FIRE))
    change = tower.record(change.incident.update(tower.clock.now(), 0.8))
    tower.record(change.incident.escalate(Kind.FIRE, tower.clock.now(), 0.95))
    tower.deliver()
    first, second = anna.heard
    assert not second.silent
    assert second.reply_to == first.id
    assert first.buttons == []
    assert "see below" in first.text


def test_what_became_worse_and_was_over_unheard_is_loud(tower: Tower, anna: Person) -> None:
    change = told(tower, opened(tower, kind=Kind.START_FIRE))
    change = tower.record(change.incident.escalate(Kind.FIRE, tower.clock.now(), 0.95))
    tower.record(change.incident.resolve(tower.clock.now(), 0.0))
    tower.deliver()
    _, second = anna.heard
    assert not second.silent
    assert second.text.startswith("✅ Over: Fire")


def test_a_message_that_somebody_deleted_is_written_anew_while_it_burns(
    tower: Tower, anna: Person, telegram: TelegramServer
) -> None:
    change = told(tower, opened(tower))
    telegram.fails(bad_request("message to edit not found"), PICTURES)
    change = told(tower, change.incident.update(tower.clock.now(), 0.9))
    assert [message.silent for message in anna.heard] == [False, True]
    telegram.fails(bad_request("message can't be edited"), "editMessageCaption")
    tower.record(change.incident.dismiss(tower.clock.now(), "x"), b"")
    tower.deliver()
    assert len(anna.heard) == 2


ONCE: Dict[str, Any] = {
    "429": too_many_requests(3),
    "long 429": too_many_requests(45),
    "html 502": Broken(),
    "503": Broken(503),
    "500 in JSON": server_error(),
    "dropped": Dropped(),
}
PERHAPS_TWICE: Dict[str, Any] = {
    "dropped after": Dropped(after=True),
    "garbled": Garbled(),
    "truncated": Truncated(),
}


@pytest.mark.parametrize("fault", ONCE)
def test_a_fault_delays_an_alert_and_neither_loses_nor_repeats_it(
    fault: str, tower: Tower, anna: Person, telegram: TelegramServer
) -> None:
    telegram.fails(ONCE[fault], "sendPhoto")
    told(tower, opened(tower))
    (message,) = anna.heard
    assert message.photo
    assert states(tower) == [DeliveryState.DONE]


@pytest.mark.parametrize("fault", PERHAPS_TWICE)
def test_an_answer_that_is_lost_repeats_an_alert_once_at_most(
    fault: str, tower: Tower, anna: Person, telegram: TelegramServer
) -> None:
    telegram.fails(PERHAPS_TWICE[fault], "sendPhoto")
    change = told(tower, opened(tower))
    assert len(anna.heard) <= 2
    told(tower, change.incident.update(tower.clock.now(), 0.95))
    assert len(anna.heard) <= 2
    assert "95 %" in anna.last.text


@pytest.mark.parametrize("fault", [*ONCE, *PERHAPS_TWICE])
def test_an_edit_survives_every_fault(
    fault: str, tower: Tower, anna: Person, telegram: TelegramServer
) -> None:
    change = told(tower, opened(tower))
    telegram.fails({**ONCE, **PERHAPS_TWICE}[fault], PICTURES, times=2)
    change = told(tower, change.incident.update(tower.clock.now(), 0.95))
    telegram.fails({**ONCE, **PERHAPS_TWICE}[fault], "editMessageCaption")
    tower.record(change.incident.resolve(tower.clock.now(), 0.0), b"")
    tower.deliver()
    alert, over = anna.heard
    assert alert.text.startswith("✅ Over")
    assert over.reply_to == alert.id


@pytest.mark.parametrize("refusal", [picture_refused(), too_large(), bad_request("PHOTO_INVALID_DIMENSIONS")])
def test_a_picture_that_telegram_refuses_leaves_the_text(
    refusal: Any, tower: Tower, anna: Person, telegram: TelegramServer
) -> None:
    telegram.fails(refusal, PICTURES, times=None)
    change = told(tower, opened(tower))
    (message,) = anna.heard
    assert not message.photo
    assert not message.silent
    assert message.buttons
    told(tower, change.incident.update(tower.clock.now(), 0.95))
    (message,) = anna.heard
    assert "95 %" in message.text


def test_a_new_picture_that_is_refused_leaves_the_old_one_and_the_new_text(
    tower: Tower, anna: Person, telegram: TelegramServer
) -> None:
    change = told(tower, opened(tower))
    before = anna.last.file
    telegram.fails(picture_refused(), "editMessageMedia")
    told(tower, change.incident.update(tower.clock.now(), 0.95))
    (message,) = anna.heard
    assert message.file == before
    assert "95 %" in message.text


def test_a_picture_that_is_gone_or_no_picture_leaves_the_text(tower: Tower, anna: Person) -> None:
    tower.record(opened(tower))
    for path in tower.folder.rglob("*.jpg"):
        path.unlink()
    tower.record(opened(tower, "b"), b"")
    tower.deliver()
    assert [message.file for message in anna.heard] == [None, None]


@pytest.mark.parametrize("fault", [Broken(413), Broken(), Dropped()])
def test_a_picture_that_never_gets_through_leaves_the_text(
    fault: Any, tower: Tower, anna: Person, telegram: TelegramServer
) -> None:
    telegram.fails(fault, PICTURES, times=None)
    change = told(tower, opened(tower))
    assert [message.file for message in anna.heard] == [None]
    told(tower, change.incident.update(tower.clock.now(), 0.95))
    (message,) = anna.heard
    assert "95 %" in message.text


def test_a_line_too_slow_for_the_picture_gets_a_smaller_one_then_the_text(
    tmp_path: Path, telegram: TelegramServer, clock: FakeClock
) -> None:
    with Tower(tmp_path, telegram, clock, timeout_s=0.3) as tower:
        anna = telegram.person("Anna")
        tower.admit(anna)
        hang = Hangs()
        with telegram.fails(hang, "sendPhoto", times=None):
            tower.record(opened(tower), jpeg(1280, 720))
            tower.deliver()
        (message,) = anna.heard
        assert not message.photo
        assert len(telegram.calls("sendPhoto")) == 2
        hang.release()


def test_a_picture_beyond_telegrams_limits_is_made_to_fit(
    tower: Tower, anna: Person, telegram: TelegramServer
) -> None:
    tower.record(opened(tower), jpeg(9000, 3000))
    tower.deliver()
    file = anna.last.file
    assert file is not None
    assert (file.width or 0) + (file.height or 0) <= 10_000


def test_a_chat_that_blocked_the_bot_does_not_hold_up_the_others(
    tower: Tower, anna: Person, brigade: Group, telegram: TelegramServer
) -> None:
    anna.blocks_the_bot()
    with capture_logs() as logs:
        told(tower, opened(tower))
        told(tower, opened(tower, "b"))
    assert len(brigade.heard) == 2
    assert len(telegram.calls("sendPhoto", chat=anna)) == 1
    member = tower.members.get(anna.id)
    assert member is not None
    assert "blocked" in str(member.unreachable)
    assert [entry["chat"] for entry in logs if "told no more" in entry["event"]] == [anna.id]
    assert tower.telemetry.registry.get_sample_value("beffroi_telegram_unreachable_total") == 1


@pytest.mark.parametrize("leave", ["deleted", "kicked", "account"])
def test_every_way_of_going_is_noticed(
    leave: str, tower: Tower, anna: Person, brigade: Group, telegram: TelegramServer
) -> None:
    if leave == "deleted":
        brigade.is_deleted()
    elif leave == "kicked":
        brigade.kicks_the_bot(anna)
    else:
        anna.deletes_the_account()
    told(tower, opened(tower))
    assert len(tower.members.told()) == 1
    assert states(tower) == [DeliveryState.DONE]


def test_a_group_that_became_a_supergroup_is_told_there(
    tower: Tower, anna: Person, brigade: Group, telegram: TelegramServer
) -> None:
    change = told(tower, opened(tower))
    bigger = brigade.migrates(anna)
    told(tower, change.incident.update(tower.clock.now(), 0.95))
    assert "95 %" in bigger.heard[-1].text
    assert bigger.last.photo
    assert tower.members.get(brigade.id) is None
    told(tower, opened(tower, "b"))
    assert len(anna.heard) == 2


def test_a_retry_for_one_chat_tells_the_other_nothing_twice(
    tower: Tower, anna: Person, brigade: Group, telegram: TelegramServer
) -> None:
    telegram.fails(Broken(), "sendPhoto", chat=anna, times=2)
    told(tower, opened(tower))
    assert len(anna.heard) == len(brigade.heard) == 1
    assert len(telegram.calls("sendPhoto", chat=brigade)) == 1


def test_what_one_chat_can_never_be_told_is_parked_and_the_others_hear_it(
    tower: Tower, anna: Person, brigade: Group, telegram: TelegramServer
) -> None:
    telegram.fails(bad_request("can't parse entities"), ("sendPhoto", "sendMessage"), chat=anna, times=None)
    told(tower, opened(tower))
    assert len(brigade.heard) == 1
    assert states(tower) == [DeliveryState.PARKED]


def test_who_joins_in_the_middle_hears_what_burns_and_nothing_of_what_is_over(
    tower: Tower, anna: Person, telegram: TelegramServer
) -> None:
    burning = told(tower, opened(tower, "burning"))
    over = told(tower, opened(tower, "over"))
    paul = telegram.person("Paul")
    tower.admit(paul)
    told(tower, over.incident.resolve(tower.clock.now(), 0.0))
    assert paul.heard == []
    told(tower, burning.incident.update(tower.clock.now(), 0.9))
    assert len(paul.heard) == 1


def test_a_restart_in_the_middle_goes_on_with_the_same_message(tower: Tower, anna: Person) -> None:
    change = told(tower, opened(tower))
    tower.restart()
    change = told(tower, change.incident.update(tower.clock.now(), 0.95))
    assert len(anna.heard) == 1
    tower.restart()
    told(tower, change.incident.resolve(tower.clock.now(), 0.0))
    assert [message.reply_to for message in anna.heard] == [None, anna.heard[0].id]


def test_a_crash_before_the_row_was_settled_tells_nothing_twice(tower: Tower, anna: Person) -> None:
    tower.record(opened(tower))
    (leased,) = tower.outbox.lease("telegram", 1, 60.0)
    tower.sink.deliver(leased)
    tower.restart()
    tower.deliver()
    assert len(anna.heard) == 1


def test_a_disk_that_is_full_tells_nothing_twice(
    tower: Tower, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: object, message: AlertMessage) -> None:
        raise StoreError("no space left")

    tower.record(opened(tower))
    (leased,) = tower.outbox.lease("telegram", 1, 60.0)
    with monkeypatch.context() as patch:
        patch.setattr("agent.store.alert_messages.AlertMessages.put", full)
        tower.sink.deliver(leased)
        tower.sink.deliver(leased)
    assert len(anna.heard) == 1


def drill(tower: Tower, actor: str) -> Change:
    change = opened(tower, "drill")
    return replace(change, incident=replace(change.incident, drill=True, actor=actor))


def test_a_drill_goes_to_who_asked_for_it_and_says_that_it_is_one(
    tower: Tower, anna: Person, brigade: Group, telegram: TelegramServer
) -> None:
    tower.members.set_alerts(anna.id, False)
    told(tower, drill(tower, f"telegram:{anna.id}"))
    assert brigade.heard == []
    assert anna.last.text.startswith("🧪 DRILL · 🔥 FIRE")
    assert "nothing burns" in anna.last.text
    assert anna.last.buttons == []


@pytest.mark.parametrize("actor", ["shell", "telegram:1", "telegram:x"])
def test_a_drill_of_somebody_unknown_goes_to_the_admins(
    actor: str, tower: Tower, anna: Person, telegram: TelegramServer
) -> None:
    chief = telegram.person("Chief")
    tower.admit(chief, role=Role.ADMIN)
    told(tower, drill(tower, actor))
    assert len(chief.heard) == 1
    assert anna.heard == []


def test_with_nobody_to_tell_rows_are_confirmed_with_one_line(tower: Tower) -> None:
    with capture_logs() as logs:
        told(tower, opened(tower))
        told(tower, opened(tower, "b"))
    assert [entry["event"] for entry in logs if "bot pair" in entry["event"]] == [
        "nobody is told over Telegram yet: let somebody in with `beffroi bot pair`"
    ]
    assert states(tower) == [DeliveryState.DONE]


def test_an_incident_that_retention_deleted_is_confirmed(tower: Tower, anna: Person) -> None:
    tower.sink.deliver(delivery(opened(tower, "never stored"), sink="telegram"))
    assert anna.heard == []


def test_the_three_best_pictures_are_an_album_at_the_end(
    tmp_path: Path, telegram: TelegramServer, clock: FakeClock
) -> None:
    with Tower(tmp_path, telegram, clock, album=True) as tower:
        anna = telegram.person("Anna")
        tower.admit(anna)
        change = told(tower, opened(tower))
        for confidence in (0.5, 0.95, 0.7, 0.99):
            change = told(tower, change.incident.update(clock.now(), confidence))
        told(tower, change.incident.resolve(clock.now(), 0.0))
        first, _, *album = anna.heard
        assert len(album) == 3
        assert {message.reply_to for message in album} == {first.id}
        assert all(message.silent for message in album)


@pytest.mark.parametrize("updates", [0, 1])
def test_an_album_that_cannot_be_is_left_out(
    updates: int, tmp_path: Path, telegram: TelegramServer, clock: FakeClock
) -> None:
    with Tower(tmp_path, telegram, clock, album=True) as tower:
        anna = telegram.person("Anna")
        tower.admit(anna)
        change = told(tower, opened(tower))
        if updates:
            change = told(tower, change.incident.update(clock.now(), 0.9))
            telegram.fails(Broken(), "sendMediaGroup")
        told(tower, change.incident.resolve(clock.now(), 0.0))
        assert len(anna.heard) == 2
        assert len(telegram.calls("sendMediaGroup")) == updates


def test_a_former_message_that_cannot_be_changed_is_left(
    tower: Tower, anna: Person, telegram: TelegramServer
) -> None:
    change = told(tower, opened(tower, kind=Kind.START_FIRE))
    telegram.fails(Broken(), "editMessageCaption")
    told(tower, change.incident.escalate(Kind.FIRE, tower.clock.now(), 0.95))
    assert len(anna.heard) == 2
    assert states(tower) == [DeliveryState.DONE] * 2


def test_delivering_one_by_one_says_what_failed(tower: Tower, anna: Person, telegram: TelegramServer) -> None:
    tower.record(opened(tower))
    (leased,) = tower.outbox.lease("telegram", 1, 60.0)
    telegram.fails(Broken(), "sendPhoto")
    with pytest.raises(DeliveryError, match="cannot be reached") as raised:
        tower.sink.deliver(leased)
    assert not isinstance(raised.value, PermanentDeliveryError)
    assert TOKEN not in str(raised.value)


def test_a_stop_does_not_wait_for_telegram(tower: Tower, anna: Person, telegram: TelegramServer) -> None:
    hang = Hangs()
    telegram.fails(hang, "sendPhoto")
    tower.record(opened(tower))
    (leased,) = tower.outbox.lease("telegram", 1, 60.0)
    tower.stopping.set()
    with pytest.raises(DeliveryError):
        tower.sink.deliver(leased)
    hang.release()


def test_without_a_connection_it_is_to_be_tried_again(tower: Tower, anna: Person) -> None:
    tower.record(opened(tower))
    (leased,) = tower.outbox.lease("telegram", 1, 60.0)
    tower.stop()
    with pytest.raises(DeliveryError, match="no connection"):
        tower.sink.deliver(leased)
    tower.start()


def test_a_store_that_fails_in_the_middle_is_tried_again(
    tower: Tower, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object, incident_id: str, chat: int) -> None:
        raise StoreError("the disk is ill")

    tower.record(opened(tower))
    (leased,) = tower.outbox.lease("telegram", 1, 60.0)
    with monkeypatch.context() as patch:
        patch.setattr("agent.store.alert_messages.AlertMessages.get", broken)
        with pytest.raises(DeliveryError, match="the disk is ill"):
            tower.sink.deliver(leased)
    tower.sink.deliver(leased)
    assert len(anna.heard) == 1
