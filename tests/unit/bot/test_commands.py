"""What each command does, and what it says where it cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from agent.controls import BusyError, Hop, RequestError, UnknownCameraError
from agent.domain.access import Role
from agent.domain.camera import CameraState, CameraStatus
from agent.domain.guard import Hours
from agent.domain.incident import Kind, State
from agent.errors import StoreError
from agent.store.outbox import SqliteOutbox
from alerts.bot.call import Person
from tests.fakes.changes import AT, opened, story
from tests.fakes.lobby import ANNA, BOB, GROUP, Lobby, private


@pytest.fixture(autouse=True)
def _members(at: Lobby) -> None:
    at.member(private(ANNA), Role.ADMIN)


def text(at: Lobby, words: str) -> str:
    return at.says(words)[0].text


def test_status_says_what_runs(at: Lobby) -> None:
    said = text(at, "/status")
    for part in ("1.2.3", "fire-lite0", "2 of 2", "20.0 GB of 64.0 GB", "cpu 48 °C", "1 d 1 h"):
        assert part in said
    assert "Messages from strangers: 0" in said


def test_status_counts_cameras_that_do_not_see(at: Lobby) -> None:
    at.controls.statuses["gate"] = CameraStatus("gate", CameraState.BLIND, AT, None, 0.0, "frozen")
    assert "1 of 2" in text(at, "/status")
    assert "the picture is frozen" in text(at, "/cameras")


def test_cameras_without_any(at: Lobby) -> None:
    at.controls.names.clear()
    assert "No camera" in text(at, "/cameras")


def test_a_snapshot_is_asked_for_with_buttons_and_shown(at: Lobby) -> None:
    asked = at.says("/snapshot")
    assert [button.label for row in asked[0].buttons for button in row] == ["All", "Back yard", "North gate"]
    shown = at.follows(asked, "Back yard")[0]
    assert shown.pictures == (at.controls.pictures["yard"],)
    assert "Back yard" in shown.text


def test_a_camera_is_found_by_name_and_beginning(at: Lobby) -> None:
    for words in ("yard", "Back yard", "back", "YARD"):
        assert "Back yard" in text(at, f"/snapshot {words}")


def test_an_unknown_camera_is_answered_with_the_likely_one(at: Lobby) -> None:
    assert "Did you mean <b>yard</b>?" in text(at, "/snapshot yrad")
    assert "yard, gate" in text(at, "/snapshot <x>")
    assert "&lt;x&gt;" in text(at, "/snapshot <x>")


def test_the_only_camera_needs_no_name(at: Lobby) -> None:
    del at.controls.names["gate"]
    assert at.says("/snapshot")[0].pictures


def test_all_cameras_come_as_an_album_and_the_missing_are_named(at: Lobby) -> None:
    assert len(at.says("/snapshot all")[0].pictures) == 2
    del at.controls.pictures["gate"]
    reply = at.says("/snapshot all")[0]
    assert len(reply.pictures) == 1
    assert "No picture now: North gate" in reply.text
    at.controls.pictures.clear()
    assert at.says("/snapshot all")[0].pictures == ()
    assert "no picture now" in text(at, "/snapshot yard")


def test_a_damaged_picture_is_none(at: Lobby) -> None:
    at.controls.pictures["yard"] = b"no jpeg"
    assert "no picture now" in text(at, "/snapshot yard")


def test_a_button_of_a_camera_that_is_gone_says_so(at: Lobby) -> None:
    asked = at.says("/snapshot")
    del at.controls.names["yard"]
    assert "not there any more" in at.follows(asked, "Back yard")[0].text


def test_incidents_lists_the_newest_with_buttons(at: Lobby) -> None:
    assert "no incident" in text(at, "/incidents")
    at.incident(opened("a"))
    at.incident(opened("b", Kind.CAMERA, "gate"))
    asked = at.says("/incidents 1")
    assert "North gate" in asked[0].text
    assert "Back yard" not in asked[0].text
    shown = at.follows(asked, "North gate")[0]
    assert "Incident b" in shown.text


def test_an_incident_tells_its_history_and_who_was_told(at: Lobby) -> None:
    first, worse, *_ = story("a", 0)
    at.incident(first, picture=True)
    at.incident(worse)
    at.deliver()
    reply = at.says("/incident a")[0]
    assert len(reply.pictures) == 1
    assert "became worse" in reply.text
    assert "mqtt told at" in reply.text
    assert "mqtt not told yet" in reply.text
    assert [button.data for button in reply.buttons[0]] == ["ack:a", "false:a"]


def test_an_incident_without_its_picture_is_text(at: Lobby) -> None:
    at.incident(opened("a"), picture=True)
    (at.folder / "a-1.jpg").unlink()
    reply = at.says("/incident a")[0]
    assert reply.pictures == ()
    assert "Incident a" in reply.text


def test_a_viewer_sees_an_incident_without_buttons(at: Lobby) -> None:
    at.incident(opened("a"))
    at.member(private(BOB), Role.VIEWER)
    assert at.says("/incident a", BOB)[0].buttons == ()


def test_a_long_history_leaves_out_the_middle(at: Lobby) -> None:
    for change in story("a", 30):
        at.incident(change)
    replies = at.says("/incident a")
    assert "… 21 more …" in replies[0].text


def test_an_incident_by_the_end_of_its_id(at: Lobby) -> None:
    at.incident(opened("20260101T120000-abc123"))
    assert "abc123" in text(at, "/incident C123")
    assert "no incident “zzz”" in text(at, "/incident zzz")


def test_ack_takes_the_only_one_that_is_open(at: Lobby) -> None:
    assert "Nothing waits" in text(at, "/ack")
    at.incident(opened("a"))
    assert "Back yard" in text(at, "/ack")
    assert at.controls.incidents["a"].actor == f"telegram:{ANNA.id}"


def test_ack_asks_which_where_there_are_several(at: Lobby) -> None:
    at.incident(opened("a"))
    at.incident(opened("b", camera="gate"))
    at.follows(at.says("/ack"), "North gate")
    assert at.controls.incidents["b"].state is State.ACKNOWLEDGED
    assert at.controls.incidents["a"].state is State.OPEN


def test_whoever_comes_second_is_told_who_was_first(at: Lobby) -> None:
    at.incident(opened("a"))
    at.says("/ack a")
    at.member(private(BOB), Role.OPERATOR)
    assert at.presses("ack:a", BOB)[0].toast
    assert "Anna" in at.presses("ack:a", BOB)[0].toast
    assert at.audited().outcome == "declined: ClosedIncidentError"


def test_false_alarm(at: Lobby) -> None:
    assert "no incident" in text(at, "/false")
    at.incident(opened("a"))
    at.follows(at.says("/false"), "Back yard")
    assert at.controls.incidents["a"].state is State.DISMISSED
    assert "false alarm by Anna" in at.presses("false:a")[0].toast


def test_what_is_over_is_said_to_be(at: Lobby) -> None:
    for change in story("a", 0):
        at.incident(change)
    assert "over already" in at.presses("ack:a")[0].toast


def test_buttons_under_alerts_answer_who_pressed_and_leave_the_alert_alone(at: Lobby) -> None:
    at.incident(opened("a", Kind.OBJECT))
    for data in ("hush:a", "ack:a", "false:a"):
        reply = at.presses(data)[0]
        assert reply.toast
        assert reply.text == ""
    assert [call for call in at.controls.calls if call[0] == "silence"] == [
        ("silence", "yard", Kind.OBJECT, 3600.0, "telegram:11")
    ]
    assert at.presses("live:a")[0].pictures
    assert "not there" in at.presses("ack:gone")[0].toast
    assert "no incident" in at.presses("live:gone")[0].toast
    for forged in ("c:live", "c:hush"):
        assert "no incident" in str(at.presses(forged)[0])


def test_fire_is_never_hushed(at: Lobby) -> None:
    at.incident(opened("a", Kind.FIRE))
    assert "never silenced" in at.presses("hush:a")[0].toast
    assert at.controls.silences() == []


def test_silence_asks_step_by_step(at: Lobby) -> None:
    kinds = at.follows(at.says("/silence"), "North gate")
    assert "never silenced" in kinds[0].text
    labels = [button.label for row in kinds[0].buttons for button in row]
    assert labels == ["Object", "Face", "Camera sees nothing"]
    spans = at.follows(kinds, "Object")
    done = at.follows(spans, "4 h")
    silence = at.controls.silences()[0]
    assert (silence.camera, silence.kind) == ("gate", Kind.OBJECT)
    assert silence.until - silence.since == timedelta(hours=4)
    assert "by Anna" in done[0].text
    assert at.says("/silence")[0].text.startswith("<b>Silent now</b>")
    assert "told again" in at.follows(at.says("/silence"), "End: Object")[0].text
    assert at.controls.silences() == []
    assert "not silent any more" in at.follows(done, "End it")[0].text


def test_silence_in_one_line_with_a_name_of_two_words(at: Lobby) -> None:
    text(at, "/silence Back yard object 1h30m")
    silence = at.controls.silences()[0]
    assert (silence.camera, silence.until - silence.since) == ("yard", timedelta(minutes=90))


@pytest.mark.parametrize("kind", ["fire", "start-fire", "smoke"])
def test_silence_never_takes_fire(at: Lobby, kind: str) -> None:
    assert "never silenced" in text(at, f"/silence yard {kind} 1h")
    assert "never silenced" in text(at, f"/silence yard {kind}")
    assert at.controls.silences() == []


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("yard object soon", "no duration"),
        ("yard rain 1h", "no kind of incident"),
        ("shed object 1h", "no camera"),
        ("1h", "Which camera, which kind"),
        ("yard object 40d", "no duration"),
    ],
)
def test_silence_says_what_is_wrong(at: Lobby, words: str, part: str) -> None:
    assert part in text(at, f"/silence {words}")
    assert at.controls.silences() == []


def test_disarm_asks_which_and_for_how_long(at: Lobby) -> None:
    spans = at.follows(at.says("/disarm"), "Back yard")
    assert "how long" in spans[0].text
    done = at.follows(spans, "1 h")
    assert "disarmed until" in done[0].text
    assert at.controls.guard("yard").disarmed_until == at.clock.now() + timedelta(hours=1)
    at.follows(at.follows(at.says("/disarm"), "All"), "Until armed again")
    assert at.controls.guard("gate").disarmed_until is None
    assert at.controls.guard("gate").disarmed


def test_disarm_in_one_line(at: Lobby) -> None:
    assert "until it is armed again" in text(at, "/disarm yard")
    text(at, "/disarm 2h")
    assert at.controls.guard("gate").disarmed_until == at.clock.now() + timedelta(hours=2)


def test_arm(at: Lobby) -> None:
    at.says("/disarm all")
    said = at.follows(at.says("/arm"), "Back yard")[0].text
    assert "armed" in said
    assert "told whatever" in said
    assert not at.controls.guard("yard").disarmed
    assert at.controls.guard("gate").disarmed


def test_arm_by_the_hours_of_the_week(at: Lobby) -> None:
    said = text(at, "/arm Back yard mon-fri 18:00-07:00 sat 00:00-24:00")
    assert "Mon-Fri 18:00-07:00, Sat 00:00-00:00" in said
    week = at.controls.guard("yard").week
    assert week is not None
    assert week[0].days == (0, 1, 2, 3, 4)
    assert isinstance(week[1], Hours)
    assert "cannot be read" in text(at, "/arm yard mon-fri 18")
    text(at, "/arm yard always")
    assert at.controls.guard("yard").week is None


def test_outside_the_hours_it_is_said_not_to_be_armed(at: Lobby) -> None:
    hour = at.clock.now().astimezone() + timedelta(hours=2)
    said = text(at, f"/arm yard daily {hour:%H:%M}-{hour + timedelta(hours=1):%H:%M}")
    assert "not armed at this hour" in said


def test_the_language_is_changed_with_a_button(at: Lobby) -> None:
    reply = at.follows(at.says("/lang"), "Français")[0]
    assert reply.menus == (ANNA.id,)
    member = at.services.members.get(ANNA.id)
    assert member is not None
    assert member.language == "fr"
    at.says("/lang nederlands")
    assert at.services.members.all()[0].language == "nl"
    assert "Français" in text(at, "/lang klingon")


def test_alerts_are_switched_off_with_a_warning(at: Lobby) -> None:
    assert "not even of fire" in at.follows(at.says("/alerts"), "Do not tell")[0].text
    assert at.services.members.told() == []
    assert "told of nothing" in text(at, "/alerts")
    at.says("/alerts on")
    assert at.services.members.told() != []


def test_a_viewer_may_not_silence_a_whole_group(at: Lobby) -> None:
    at.member(GROUP, Role.VIEWER)
    assert "whole group" in at.says("/alerts off", BOB, GROUP)[0].text
    assert [member.chat for member in at.services.members.told()] == [ANNA.id, GROUP.id]
    at.says("/alerts off", ANNA, GROUP)
    assert [member.chat for member in at.services.members.told()] == [ANNA.id]


def test_an_invitation_lets_somebody_in(at: Lobby) -> None:
    said = at.follows(at.says("/invite"), "operator")[0].text
    code = said.split("<code>")[1].split("</code>")[0]
    assert f"https://t.me/beffroi_bot?start={code}" in said
    assert "✉️ open invitation: operator" in text(at, "/members")
    at.says(f"/start {code}", BOB)
    member = at.services.members.get(BOB.id)
    assert member is not None
    assert (member.role, member.invited_by) == (Role.OPERATOR, "telegram:11")
    assert code not in str(at.services.audit.latest(10))


def test_codes_are_not_shown_in_groups(at: Lobby) -> None:
    at.member(GROUP, Role.ADMIN)
    assert "private chat" in at.says("/invite viewer", ANNA, GROUP)[0].text
    assert at.services.invitations.open() == []


def test_members_are_listed(at: Lobby) -> None:
    at.member(private(Person(13, "<Zoë>")), Role.VIEWER, "nl")
    at.services.members.unreachable(13, "blocked")
    at.services.members.set_alerts(13, False)
    said = text(at, "/members")
    assert "&lt;Zoë&gt;" in said
    assert "viewer, nl, wants no alerts, cannot be reached: blocked" in said


def test_a_role_is_changed_with_buttons(at: Lobby) -> None:
    at.member(private(BOB), Role.VIEWER)
    reply = at.follows(at.follows(at.says("/role"), "Bob"), "operator")[0]
    assert reply.menus == (BOB.id,)
    member = at.services.members.get(BOB.id)
    assert member is not None
    assert member.role is Role.OPERATOR
    at.says("/role Bob admin")
    assert at.services.members.all()[-1].role is Role.ADMIN


def test_the_last_administrator_stays(at: Lobby) -> None:
    assert "last administrator" in text(at, f"/role {ANNA.id} viewer")
    assert "last administrator" in text(at, f"/revoke {ANNA.id}")
    at.member(private(BOB), Role.ADMIN)
    assert "operator" in text(at, f"/role {ANNA.id} operator")


def test_revoking_asks_again(at: Lobby) -> None:
    at.member(private(BOB), Role.VIEWER)
    asked = at.follows(at.says("/revoke"), "Bob")
    assert at.services.members.get(BOB.id) is not None
    reply = at.follows(asked, "Yes")[0]
    assert reply.menus == (BOB.id,)
    assert at.services.members.get(BOB.id) is None
    assert "no member" in at.follows(asked, "Yes")[0].text


def test_the_audit_names_people_and_outcomes(at: Lobby) -> None:
    at.member(private(BOB), Role.VIEWER)
    at.says("/ack 1", BOB)
    at.services.audit.note(None, None, "pair", "viewer")
    said = text(at, "/audit 2")
    assert "Bob: ack 1 → refused" in said
    assert "on the device: pair viewer → done" in said


def test_the_self_test_tells_each_hop(at: Lobby) -> None:
    replies = at.says("/selftest")
    assert [reply.edit for reply in replies] == [False] + [True] * 7
    assert "✓ told over telegram: 90 ms" in replies[-1].text
    assert "Everything works" in replies[-1].text


def test_a_failed_self_test_says_so(at: Lobby) -> None:
    at.controls.hops = (Hop("look", False, 5.0, "no model <x>"), Hop("other", True, 1.0))
    last = at.says("/selftest")[-1]
    assert "✗ model looks: 5 ms (no model &lt;x&gt;)" in last.text
    assert "does not work" in last.text
    assert at.audited().outcome == "failed"


def test_a_busy_agent_says_so(at: Lobby) -> None:
    at.controls.fails = BusyError("starting")
    assert "Try again" in text(at, "/status")
    at.controls.fails = RequestError("the <moon> is full")
    assert "the &lt;moon&gt; is full" in text(at, "/status")
    assert at.audited().outcome == "declined: RequestError"


def test_what_nobody_foresaw_is_logged_and_the_person_told(
    at: Lobby, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(at.controls, "health", broken)
    assert "It is in the log" in text(at, "/status")
    assert at.audited().outcome == "failed"


def test_an_audit_that_cannot_be_kept_holds_nothing_up(at: Lobby, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise StoreError("disk full")

    monkeypatch.setattr(at.services.audit, "note", full)
    assert "Beffroi" in text(at, "/status")


def test_a_typo_is_answered_with_a_button(at: Lobby) -> None:
    asked = at.says("/statsu")
    assert "Did you mean /status?" in asked[0].text
    assert "Beffroi 1.2.3" in at.follows(asked, "/status")[0].text
    assert "Did you mean /status?" in text(at, "Status please")
    assert "/help" in text(at, "what is up")
    assert "do not know" in text(at, "/incidens") or "Did you mean" in text(at, "/incidens")


def test_a_typo_suggests_nothing_that_is_refused(at: Lobby) -> None:
    at.member(private(BOB), Role.VIEWER)
    assert "Did you mean" not in at.says("/selftes", BOB)[0].text


def test_cancel_without_anything_under_way(at: Lobby) -> None:
    assert "nothing to cancel" in text(at, "/cancel")


def test_status_says_the_power_mode_and_silences(at: Lobby, monkeypatch: pytest.MonkeyPatch) -> None:
    health = replace(at.controls.health(), power_mode="15 W", temperatures_c={}, stages={})
    monkeypatch.setattr(at.controls, "health", lambda: health)
    at.says("/silence yard object 1h")
    said = text(at, "/status")
    assert "Power mode: 15 W" in said
    assert "1 silence in force" in said
    assert "Temperature" not in said


def test_which_incident_is_asked_for(at: Lobby) -> None:
    assert "no incident" in text(at, "/incident")
    at.incident(opened("a"))
    assert "Incident a" in at.follows(at.says("/incident"), "Back yard")[0].text


def test_an_incident_that_could_not_be_told_says_so(at: Lobby) -> None:
    at.incident(opened("a"))
    outbox = SqliteOutbox(at.database, at.clock)
    outbox.park(outbox.lease("mqtt", 1, 60.0)[0], "no such topic")
    assert "mqtt could not be told" in text(at, "/incident a")


def test_without_a_name_of_its_own_the_bot_gives_no_link(at: Lobby) -> None:
    at.reception.username = ""
    assert "https://" not in text(at, "/invite viewer")


def test_a_camera_that_is_configured_no_more(at: Lobby) -> None:
    at.incident(opened("a"))
    at.controls.fails = UnknownCameraError("gone")
    assert "not there any more" in at.presses("live:a")[0].toast
    at.controls.fails = None
    del at.controls.names["yard"]
    assert "yard" in at.presses("ack:a")[0].toast
