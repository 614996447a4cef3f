"""The bot with the real client against the fake server: what people write, press, send, and what they get."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Callable, Dict, Iterator, List

import pytest
from structlog.testing import capture_logs

from agent.controls import Hop
from agent.domain.access import Role
from agent.domain.camera import CameraState, CameraStatus
from agent.domain.incident import Kind, State
from agent.enrolments import Reason
from agent.errors import StoreError
from alerts.bot import app
from alerts.bot.enrolling import PATIENCE_S
from alerts.bot.registry import COMMANDS
from alerts.languages import LANGUAGES
from tests.fakes.changes import AT, opened
from tests.fakes.clock import FakeClock
from tests.fakes.counter import Counter
from tests.fakes.lobby import lobby
from tests.fakes.pictures import jpeg, noise_jpeg
from tests.fakes.telegram import Message, Person, TelegramServer, bad_request, bot_blocked, migrated
from tests.fakes.waiting import until
from tests.unit.bot.test_table import MAY


@pytest.fixture
def counter(telegram: TelegramServer, clock: FakeClock) -> Iterator[Counter]:
    with lobby(clock) as made, Counter(made, telegram) as built:
        yield built


@pytest.fixture
def anna(telegram: TelegramServer, counter: Counter) -> Person:
    person = telegram.person("Anna Bell")
    counter.admit(person)
    return person


def outcome(counter: Counter, command: str) -> str:
    """How the command ended that was asked for last."""
    audit = counter.lobby.services.audit
    until(lambda: [entry.action for entry in audit.latest(1)] == [command], f"/{command} has ended")
    return audit.latest(1)[0].outcome


def edited(person: Person, message: Message, contains: str) -> None:
    """Waits until the message says so."""
    until(lambda: contains in person.message(message.id).text, f"{contains!r} is said")


# Every command


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", list(Role))
def test_every_command_with_each_role_in_each_language(
    telegram: TelegramServer, counter: Counter, role: Role, language: str
) -> None:
    counter.lobby.incident(opened("a"), picture=True)
    counter.admit(telegram.person("Boss"))
    person = telegram.person("Zoë <b>&", language=language)
    counter.admit(person, role, language)
    for command in COMMANDS:
        if command.typed:
            answer = person.asks(f"/{command.name}")
            assert answer.text or answer.photo
            refused = outcome(counter, command.name) == "refused"
            assert refused == (role not in MAY[command.name]), command.name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", list(Role))
def test_every_button_under_an_incident_with_each_role_in_each_language(
    telegram: TelegramServer, counter: Counter, role: Role, language: str
) -> None:
    boss, person = telegram.person("Boss"), telegram.person("Zoë", language=language)
    brigade = telegram.group("Brigade", boss, person)
    counter.admit(boss)
    counter.admit(brigade, Role.VIEWER)
    counter.admit(person, role, language)
    counter.lobby.incident(opened("a", Kind.OBJECT), picture=True)
    shown = boss.asks("/incident a", to=brigade)
    looks_on = role in (Role.VIEWER, Role.ENROLLER)
    for label, name in (("Live", "live"), ("Silence", "hush"), ("Acknowledge", "ack"), ("False", "false")):
        toast = person.presses(label, on=shown, to=brigade).wait_answer()
        assert toast or name == "live"
        assert (outcome(counter, name) == "refused") == (looks_on and name != "live"), label
    expected = State.OPEN if looks_on else State.DISMISSED
    assert counter.lobby.controls.incidents["a"].state is expected


# Letting in


def test_pairing_by_an_invitation_and_the_menu_that_follows(
    telegram: TelegramServer, counter: Counter, anna: Person
) -> None:
    anna.asks("/invite")
    anna.presses("operator").wait_answer()
    said = anna.wait_message("Code for one")
    code = re.findall(r"start=(\S+)", said.text)[0]
    paul = telegram.person("Paul", language="fr")
    assert set(telegram.menu("fr")) == {"help", "start"}
    paul.asks(f"/start {code}")
    wanted = {name for name, roles in MAY.items() if Role.OPERATOR in roles}
    telegram.wait_for(lambda: set(telegram.menu(type="chat", chat_id=paul.id)) == wanted)
    member = counter.lobby.services.members.get(paul.id)
    assert member is not None
    assert member.language == "fr"


def test_a_group_is_let_in_and_answered_by_reply(telegram: TelegramServer, counter: Counter) -> None:
    paul = telegram.person("Paul")
    brigade = telegram.group("Brigade", paul, kind="supergroup")
    code = counter.lobby.services.invitations.issue(Role.OPERATOR, "shell:root", 900.0)
    paul.says("hello", to=brigade)
    assert "Welcome" in paul.asks(f"/start@beffroi_test_bot {code}", to=brigade).text
    question = paul.says("/status@beffroi_test_bot", to=brigade)
    answer = brigade.wait_message("Beffroi", after=question.id)
    assert answer.reply_to == question.id
    telegram.wait_for(lambda: "ack" in telegram.menu(type="chat", chat_id=brigade.id))
    assert "enrol" not in telegram.menu(type="chat", chat_id=brigade.id)


def test_a_changed_role_and_language_change_the_menu(
    telegram: TelegramServer, counter: Counter, anna: Person
) -> None:
    paul = telegram.person("Paul")
    counter.admit(paul, Role.VIEWER)
    counter.restart()
    telegram.wait_for(lambda: "status" in telegram.menu(type="chat", chat_id=paul.id))
    assert "ack" not in telegram.menu(type="chat", chat_id=paul.id)
    anna.asks(f"/role {paul.id} operator")
    telegram.wait_for(lambda: "ack" in telegram.menu(type="chat", chat_id=paul.id))
    anna.asks(f"/revoke {paul.id}")
    anna.presses("Yes").wait_answer()
    telegram.wait_for(lambda: telegram.menu(type="chat", chat_id=paul.id) == {})


def test_a_stranger_hears_one_refusal_whatever_they_send(telegram: TelegramServer, counter: Counter) -> None:
    eve = telegram.person("Eve", language="nl")
    eve.asks("/status")
    for text in ("/help", "hello", "/enrol me", "/incident a"):
        eve.says(text)
    eve.sends_photo(jpeg())
    eve.sends_album([jpeg(), jpeg()])
    eve.edits(eve.says("x"), "/status")
    assert eve.presses_data("ack:a", eve.heard[0]).wait_answer() == ""
    assert len(eve.heard) == 1
    assert counter.lobby.controls.calls == []


def test_what_is_not_a_persons_own_word_changes_nothing(
    telegram: TelegramServer, counter: Counter, anna: Person
) -> None:
    paul = telegram.person("Paul")
    channel = telegram.group("News", kind="channel")
    counter.lobby.incident(opened("a"))
    anna.says("/ack a", forwarded_from=paul.user)
    channel.posts("/ack a")
    anna.edits(anna.says("x /ack"), "/ack a")
    anna.asks("/help")
    assert counter.lobby.controls.incidents["a"].state is State.OPEN
    assert channel.heard == []


# Buttons


def test_silence_is_built_step_by_step_in_one_message(anna: Person, counter: Counter) -> None:
    asked = anna.asks("/silence")
    for label, then in (("North gate", "What shall"), ("Object", "how long"), ("4 h", "until")):
        anna.presses(label, on=asked).wait_answer()
        edited(anna, asked, then)
    assert [each.kind for each in counter.lobby.controls.silences()] == [Kind.OBJECT]
    assert len(anna.heard) == 1


def test_a_typo_is_repaired_with_a_button(anna: Person) -> None:
    asked = anna.asks("/statsu")
    anna.presses("/status", on=asked).wait_answer()
    edited(anna, asked, "Beffroi 1.2.3")


def test_snapshots_come_as_photo_and_as_album(anna: Person) -> None:
    asked = anna.asks("/snapshot")
    anna.presses("North gate", on=asked).wait_answer()
    photo = anna.wait_message("North gate", after=asked.id)
    assert photo.photo
    anna.presses("All", on=asked).wait_answer()
    first = anna.wait_message("Back yard", after=photo.id)
    second = anna.wait_message(after=first.id)
    assert first.album == second.album is not None


def test_a_tampered_button_is_answered(anna: Person) -> None:
    asked = anna.asks("/help")
    for data in ("x", "c:arm:~0000000000", "ack:nothing", "c:enrol:!yes:beef"):
        anna.presses_data(data, asked).wait_answer()


def test_the_language_is_changed_with_a_button(telegram: TelegramServer, anna: Person) -> None:
    asked = anna.asks("/lang")
    anna.presses("Nederlands", on=asked).wait_answer()
    until(lambda: anna.message(asked.id).text != asked.text, "the language is confirmed")


def test_the_report_comes_with_its_plot(anna: Person, counter: Counter) -> None:
    counter.lobby.incident(opened("a"))
    counter.lobby.clock.advance(13 * 3600)
    report = anna.asks("/report")
    assert report.photo
    assert "Start of a fire: 1" in report.text


def test_the_self_test_edits_one_message_and_holds_nothing_up(anna: Person, counter: Counter) -> None:
    go_on = threading.Event()

    def hops() -> Iterator[Hop]:
        yield Hop("picture", True, 12.0)
        assert go_on.wait(10.0)
        yield Hop("tell:mqtt", False, 90.0, "no broker")

    counter.lobby.controls.selftest = lambda actor: hops()  # type: ignore[method-assign]
    counter.lobby.incident(opened("a"))
    begun = anna.asks("/selftest")
    edited(anna, begun, "picture: 12 ms")
    assert "took on" in anna.asks("/ack a").text
    go_on.set()
    edited(anna, begun, "✗ told over mqtt")


# Photos up


def to_consent(person: Person) -> Message:
    return person.asks("/enrol Zoë")


def to_photos(person: Person) -> Message:
    asked = to_consent(person)
    person.presses("Yes", on=asked).wait_answer()
    edited(person, asked, "photos of")
    return person.message(asked.id)


def to_enough(person: Person) -> Message:
    after = to_photos(person).id
    for number in range(3):
        sent = person.sends_photo(noise_jpeg(number))
        after = person.wait_message("Good photo", after=sent.id).id
    return person.message(after)


STEPS: Dict[str, Callable[[Person], Message]] = {
    "name": lambda person: person.asks("/enrol"),
    "consent": to_consent,
    "photos": to_photos,
    "enough": to_enough,
}


def finish(person: Person, step: str, last: Message) -> Message:
    """Goes on from a step to the end."""
    if step == "name":
        last = person.asks("Zoë")
    if step in ("name", "consent"):
        person.presses("Yes", on=last).wait_answer()
        edited(person, last, "photos of")
    if step != "enough":
        for number in range(3):
            sent = person.sends_photo(noise_jpeg(number))
            last = person.wait_message("Good photo", after=sent.id)
    person.presses("Done", on=last).wait_answer()
    return person.wait_message("is enrolled with 3 photos")


def test_a_person_is_enrolled_with_photos_of_every_kind(anna: Person, counter: Counter) -> None:
    to_photos(anna)
    photos = [noise_jpeg(number) for number in range(3)]
    counter.lobby.enrolments.verdicts = [Reason.ACCEPTED, Reason.BLURRED]
    anna.sends_album(photos[:2])
    anna.wait_message("Good photo")
    blurred = anna.wait_message("blurred")
    sent = anna.sends_file("me.jpg", photos[2])
    anna.wait_message("Good photo", after=max(sent.id, blurred.id))
    assert counter.lobby.enrolments.pictures == photos


def test_a_photo_that_is_too_large_or_cannot_be_had(
    telegram: TelegramServer, anna: Person, counter: Counter
) -> None:
    to_photos(anna)
    sent = anna.sends_file("huge.jpg", b"x" * (20 * 1024 * 1024 + 1))
    assert "20 MB" in anna.wait_message(after=sent.id).text
    telegram.fails(bad_request("file is temporarily unavailable"), "getFile")
    sent = anna.sends_photo(jpeg())
    assert "could not be fetched" in anna.wait_message(after=sent.id).text
    assert counter.lobby.enrolments.pictures == []


def test_photos_that_nobody_waits_for_are_not_fetched(telegram: TelegramServer, anna: Person) -> None:
    anna.sends_photo(jpeg())
    anna.asks("/help")
    assert telegram.calls("getFile") == []


@pytest.mark.parametrize("step", STEPS)
def test_the_enrolment_is_cancelled_at_each_step(anna: Person, counter: Counter, step: str) -> None:
    STEPS[step](anna)
    assert "Nothing was kept" in anna.asks("/cancel").text
    assert counter.lobby.enrolments.open == {}


@pytest.mark.parametrize("step", STEPS)
def test_the_enrolment_survives_a_restart_at_each_step(anna: Person, counter: Counter, step: str) -> None:
    last = STEPS[step](anna)
    counter.restart()
    assert finish(anna, step, last)
    assert [person.name for person in counter.lobby.enrolments.enrolled.values()] == ["Zoë"]


@pytest.mark.parametrize("step", STEPS)
def test_the_enrolment_runs_out_of_time_at_each_step(anna: Person, counter: Counter, step: str) -> None:
    last = STEPS[step](anna)
    counter.lobby.clock.advance(PATIENCE_S + 1)
    counter.sweep()
    assert "nothing came for 15 min" in anna.wait_message(after=last.id).text
    assert counter.lobby.enrolments.open == {}


def test_a_person_is_forgotten_after_a_second_question(anna: Person, counter: Counter) -> None:
    finish(anna, "enough", to_enough(anna))
    asked = anna.asks("/forget Zoë")
    anna.presses("Yes", on=asked).wait_answer()
    edited(anna, asked, "is forgotten")
    assert counter.lobby.enrolments.enrolled == {}


def test_without_faces_the_bot_says_so(telegram: TelegramServer, counter: Counter, anna: Person) -> None:
    counter.lobby.without_faces()
    counter.restart()
    assert "not set up" in anna.asks("/enrol Zoë").text


# What goes wrong


def test_a_long_answer_comes_in_parts(anna: Person, counter: Counter) -> None:
    for number in range(90):
        counter.lobby.services.audit.note(1, 2, f"order-{number}", "<&>" * 20)
    first = anna.asks("/audit 100")
    second = anna.wait_message("order-0 ", after=first.id)
    assert len(first.text) <= 4096
    assert "order-89" in first.text
    assert second.id > first.id


def test_who_blocked_the_bot_is_not_told_any_more(
    telegram: TelegramServer, anna: Person, counter: Counter
) -> None:
    anna.blocks_the_bot()
    until(lambda: counter.lobby.services.members.told() == [], "it is noted")
    anna.unblocks_the_bot()
    until(lambda: counter.lobby.services.members.told() != [], "it is noted")


def test_a_chat_that_refuses_an_answer_is_noted(
    telegram: TelegramServer, anna: Person, counter: Counter
) -> None:
    telegram.fails(bot_blocked(), "sendMessage")
    anna.says("/status")
    until(lambda: counter.lobby.services.members.told() == [], "it is noted")
    anna.asks("/help")
    assert counter.lobby.services.members.told() != []


def test_a_group_that_becomes_a_supergroup_stays_a_member(telegram: TelegramServer, counter: Counter) -> None:
    paul = telegram.person("Paul")
    brigade = telegram.group("Brigade", paul)
    counter.admit(brigade, Role.OPERATOR)
    paul.asks("/help", to=brigade)
    bigger = brigade.migrates(paul)
    until(lambda: counter.lobby.services.members.get(bigger.id) is not None, "the member moved")
    assert "Beffroi" in paul.asks("/status@beffroi_test_bot", to=bigger).text


def test_a_group_that_moved_unheard_is_followed(telegram: TelegramServer, counter: Counter) -> None:
    paul = telegram.person("Paul")
    brigade = telegram.group("Brigade", paul)
    bigger = telegram.group("Brigade", paul, kind="supergroup")
    counter.admit(brigade, Role.OPERATOR)
    telegram.fails(migrated(bigger.id), "sendMessage")
    paul.says("/status", to=brigade)
    until(lambda: counter.lobby.services.members.get(bigger.id) is not None, "the member moved")


def test_a_photo_that_telegram_refuses_is_replaced_by_its_text(
    telegram: TelegramServer, anna: Person
) -> None:
    telegram.fails(bad_request("IMAGE_PROCESS_FAILED"), "sendPhoto")
    answer = anna.asks("/snapshot yard")
    assert answer.photo is None
    assert "Back yard" in answer.text


def test_a_message_that_is_gone_is_written_anew(telegram: TelegramServer, anna: Person) -> None:
    asked = anna.asks("/lang")
    telegram.fails(bad_request("message to edit not found"), "editMessageText")
    anna.presses("Français", on=asked).wait_answer()
    assert anna.wait_message(after=asked.id)


def test_a_press_that_is_answered_too_late_is_no_trouble(telegram: TelegramServer, anna: Person) -> None:
    asked = anna.asks("/lang")
    telegram.fails(bad_request("query is too old"), "answerCallbackQuery")
    anna.presses("Français", on=asked)
    until(lambda: anna.message(asked.id).text != asked.text, "the language is confirmed")


def test_what_fails_is_said_and_logged(anna: Person, counter: Counter) -> None:
    def broken() -> None:
        raise ZeroDivisionError("a bug")

    counter.lobby.controls.health = broken  # type: ignore[method-assign, assignment]
    with capture_logs() as lines:
        assert "in the log" in anna.asks("/status").text
    told = [line for line in lines if line["event"] == "a command failed"]
    assert [(line["command"], line["exc_info"]) for line in told] == [("status", True)]


def test_orders_come_in_the_order_they_were_given(anna: Person, counter: Counter) -> None:
    for number in range(8):
        anna.says(f"/disarm yard {number + 1}h")
    anna.says("/help")
    anna.wait_message("What you can ask")
    given: List[object] = [call[3] for call in counter.lobby.controls.calls if call[0] == "disarm"]
    assert given == sorted(given, key=str)
    assert len(given) == 8


def test_the_bot_is_known_by_name_once_it_ran(counter: Counter, tmp_path: Path) -> None:
    until(lambda: counter.lobby.services.bot_name.get() == "beffroi_test_bot", "the name is kept")


def test_conversations_run_out_of_time_by_themselves(
    anna: Person, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "_SWEEP_S", 0.01)
    counter.restart()
    asked = to_consent(anna)
    counter.lobby.clock.advance(PATIENCE_S + 1)
    anna.wait_message("nothing came", after=asked.id)


def test_a_sweep_that_fails_is_told_and_the_next_one_comes(
    anna: Person, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweeps = iter([StoreError("the disk is full")])
    swept = threading.Event()

    def take_expired() -> List[object]:
        for error in sweeps:
            raise error
        swept.set()
        return []

    monkeypatch.setattr(app, "_SWEEP_S", 0.01)
    monkeypatch.setattr(counter.lobby.services.dialogues, "take_expired", take_expired)
    with capture_logs() as lines:
        counter.restart()
        assert swept.wait(10.0)
    assert [line["event"] for line in lines].count("the bot could not do its work") == 1


def test_a_store_that_fails_at_the_start_does_not_take_the_connection_down(
    anna: Person, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(name: str) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(counter.lobby.services.bot_name, "put", full)
    with capture_logs() as lines:
        counter.restart()
        assert anna.asks("/help").text
    assert "the bot is not introduced" in [line["event"] for line in lines]


def test_a_store_that_fails_ends_the_waiting_of_who_pressed(
    anna: Person, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(chat: int) -> None:
        raise StoreError("the disk is gone")

    asked = anna.asks("/lang")
    monkeypatch.setattr(counter.lobby.services.members, "get", broken)
    assert anna.presses("Français", on=asked).wait_answer() == ""


def test_a_long_caption_goes_on_in_a_text(anna: Person, counter: Counter) -> None:
    controls = counter.lobby.controls
    for number in range(8):
        name = f"camera-{number}"
        controls.names[name] = f"{name} {'x' * 120}"
        controls.pictures[name] = jpeg()
        controls.statuses[name] = CameraStatus(name, CameraState.ONLINE, AT, AT, 25.0, None)
    first = anna.asks("/snapshot all")
    assert first.photo
    assert len(first.text) <= 1024
    rest = anna.wait_message("camera-7", after=first.id)
    assert rest.photo is None


def test_a_menu_of_a_chat_that_is_gone_is_left_out(
    telegram: TelegramServer, counter: Counter, anna: Person
) -> None:
    ghost = telegram.person("Ghost")
    counter.admit(ghost, Role.VIEWER)
    ghost.deletes_the_account()
    telegram.fails(bad_request("chat not found"), "setMyCommands", chat=ghost, times=None)
    counter.restart()
    assert anna.asks("/help").text
