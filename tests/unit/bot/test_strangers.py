"""Pairing, and what becomes of chats that were not let in."""

from __future__ import annotations

from agent.domain.access import ChatKind, Role
from alerts.bot.call import Person, Place
from alerts.bot.incoming import Membership, Moved, Photo, Pressed, Shown
from tests.fakes.lobby import ANNA, BOB, GROUP, Lobby, private


def code(at: Lobby, role: Role = Role.OPERATOR) -> str:
    return at.services.invitations.issue(role, "shell:root", 900.0)


def test_a_stranger_is_refused_once_in_their_language_and_then_not_answered(at: Lobby) -> None:
    first = at.says("/status", BOB)
    assert "administrat" in first[0].text
    assert "/start CODE" in first[0].text
    for text in ("/status", "hello", "/help", "/enrol me"):
        assert at.says(text, BOB) == []
    assert at.services.strangers.count() == 5


def test_a_stranger_whose_language_is_not_spoken_is_refused_in_the_default_one(at: Lobby) -> None:
    assert at.says("hi", Person(50, "X", "tlh"))[0].text.startswith("Hello.")
    assert at.says("hi", Person(51, "Y", None))[0].text.startswith("Hello.")


def test_a_code_lets_a_person_in_with_its_role(at: Lobby) -> None:
    reply = at.says(f"/start {code(at)}", ANNA)[0]
    assert "operator" in reply.text
    assert reply.menus == (ANNA.id,)
    member = at.services.members.get(ANNA.id)
    assert member is not None
    assert (member.role, member.title, member.language) == (Role.OPERATOR, "Anna", "en")
    assert at.services.members.name_of(ANNA.id) == "Anna"


def test_the_language_of_the_application_is_that_of_the_chat(at: Lobby) -> None:
    at.says(f"/start {code(at)}", Person(60, "Zoë", "nl-BE"))
    member = at.services.members.get(60)
    assert member is not None
    assert member.language == "nl"


def test_a_code_is_good_once(at: Lobby) -> None:
    given = code(at)
    at.says(f"/start {given}", ANNA)
    assert "wrong" in at.says(f"/start {given}", Person(70, "Eve", "en"))[0].text
    assert at.services.members.get(70) is None


def test_a_code_with_spaces_and_small_letters_is_understood(at: Lobby) -> None:
    at.says(f"/start {code(at).lower().replace('-', ' ')}", ANNA)
    assert at.services.members.get(ANNA.id) is not None


def test_wrong_codes_are_answered_a_few_times_and_never_kept(at: Lobby) -> None:
    eve = Person(70, "Eve", "en")
    answers = [at.says("/start AAAA-BBBB", eve)[0].text for _ in range(8)]
    assert [bool(text) for text in answers] == [True] * 5 + [False] * 3
    assert at.audited().subject == ""


def test_a_group_is_let_in_by_a_code_in_the_group(at: Lobby) -> None:
    reply = at.says(f"/start@beffroi_bot {code(at, Role.VIEWER)}", BOB, GROUP)[0]
    assert reply.menus == (GROUP.id,)
    member = at.services.members.get(GROUP.id)
    assert member is not None
    assert (member.kind, member.title, member.role) == (ChatKind.GROUP, "Brigade", Role.VIEWER)


def test_wrong_codes_in_groups_count_for_the_person(at: Lobby) -> None:
    eve = Person(70, "Eve", "en")
    answers = [
        at.says("/start AAAA-BBBB", eve, Place(-n, ChatKind.GROUP, "x"))[0].text for n in range(200, 208)
    ]
    assert [bool(text) for text in answers] == [True] * 5 + [False] * 3


def test_an_administrator_has_no_rights_in_a_group_that_was_not_let_in(at: Lobby) -> None:
    at.member(private(ANNA), Role.ADMIN)
    assert "group" in at.says("/status", ANNA, GROUP)[0].text
    assert at.says("/status", ANNA, GROUP) == []


def test_what_a_group_talks_about_is_not_answered(at: Lobby) -> None:
    assert at.says("hello", ANNA, GROUP) == []
    assert at.says("/weather", ANNA, GROUP) == []
    assert at.services.strangers.count() == 0
    at.member(GROUP, Role.VIEWER)
    assert at.says("hello", ANNA, GROUP) == []
    assert at.says("/weather", ANNA, GROUP) == []
    assert at.says("/status@other_bot", ANNA, GROUP) == []
    assert at.says("/weather@beffroi_bot", ANNA, GROUP)[0].text
    assert at.says("/statsu", ANNA, GROUP)[0].buttons


def test_another_code_gives_a_member_another_role(at: Lobby) -> None:
    at.member(private(ANNA), Role.VIEWER, "fr")
    at.says(f"/start {code(at, Role.ADMIN)}", ANNA)
    member = at.services.members.get(ANNA.id)
    assert member is not None
    assert (member.role, member.language) == (Role.ADMIN, "fr")


def test_a_member_who_tries_too_many_codes_is_told_to_wait(at: Lobby) -> None:
    at.member(private(ANNA), Role.VIEWER)
    texts = [at.says("/start AAAA-BBBB", ANNA)[0].text for _ in range(6)]
    assert "wrong" in texts[0]
    assert "hour" in texts[-1]


def test_a_member_is_greeted(at: Lobby) -> None:
    at.member(private(ANNA), Role.OPERATOR)
    assert "operator" in at.says("/start", ANNA)[0].text


def test_a_stranger_who_presses_is_told_once(at: Lobby) -> None:
    assert "no access" in at.presses("ack:a", ANNA)[0].toast
    assert at.presses("ack:a", ANNA) == []
    assert at.controls.calls == []


def test_a_strangers_photo_is_not_fetched(at: Lobby) -> None:
    assert at.shows(b"jpeg", ANNA) == []
    shown = Shown(private(ANNA), ANNA, "file", 1)
    assert list(at.reception.shown(Photo(shown, b"jpeg"))) == []


def test_a_revoked_member_is_a_stranger(at: Lobby) -> None:
    at.member(private(ANNA), Role.ADMIN)
    at.member(private(BOB), Role.ADMIN)
    assert at.says(f"/revoke {BOB.id}", ANNA)
    at.presses(f"c:revoke:{BOB.id}:!yes", ANNA)
    assert "/start CODE" in at.says("/status", BOB)[0].text


def test_a_blocked_bot_notes_it_and_comes_back(at: Lobby) -> None:
    at.member(private(ANNA), Role.ADMIN)
    assert next(at.reception.membership(Membership(private(ANNA), ANNA, reachable=False))).menus == ()
    member = at.services.members.get(ANNA.id)
    assert member is not None
    assert member.unreachable == "blocked"
    list(at.reception.membership(Membership(private(ANNA), ANNA, reachable=True)))
    assert at.services.members.told() != []


def test_a_message_from_an_unreachable_chat_makes_it_reachable(at: Lobby) -> None:
    at.member(private(ANNA), Role.ADMIN)
    at.services.members.unreachable(ANNA.id, "blocked")
    at.says("/help", ANNA)
    assert at.services.members.told() != []


def test_a_group_that_takes_the_bot_in_is_told_how_to_let_it_in_once(at: Lobby) -> None:
    added = Membership(GROUP, BOB, reachable=True)
    assert "/start CODE" in next(at.reception.membership(added)).text
    assert list(at.reception.membership(added)) == []


def test_a_person_who_opens_the_bot_is_not_spoken_to_first(at: Lobby) -> None:
    assert list(at.reception.membership(Membership(private(BOB), BOB, reachable=True))) == []


def test_a_group_goes_on_as_a_supergroup(at: Lobby) -> None:
    at.member(GROUP, Role.OPERATOR)
    assert next(at.reception.moved(Moved(GROUP.id, -100200))).menus == (-100200,)
    assert at.services.members.get(GROUP.id) is None
    assert list(at.reception.moved(Moved(GROUP.id, -100200))) == []


def test_garbage_in_buttons_is_refused_politely(at: Lobby) -> None:
    at.member(private(ANNA), Role.ADMIN)
    for data in ("", "x", "c:nothing", "c:silence:~0000000000:object:1h", "ack:", "c:enrol:!yes:abcd", "c::"):
        replies = list(at.reception.pressed(Pressed(private(ANNA), ANNA, data, "query", 1, editable=True)))
        assert replies[0].toast or replies[0].text
    assert {call[0] for call in at.controls.calls} == {"cameras"}
