"""The conversation in which a person is enrolled, interrupted at each step in each way."""

from __future__ import annotations

from typing import Callable, Dict, List

import pytest

from agent.domain.access import Role
from agent.enrolments import PeopleError, Reason, Receipt, Refusal
from alerts.bot.call import Reply
from alerts.bot.enrolling import PATIENCE_S
from alerts.bot.verdicts import verdict_text
from alerts.languages import texts
from tests.fakes.lobby import ANNA, BOB, GROUP, Lobby, private

NAME = "Zoë van den <Berg>"


@pytest.fixture(autouse=True)
def _members(at: Lobby) -> None:
    at.member(private(BOB), Role.ADMIN)
    at.member(private(ANNA), Role.ENROLLER)


def to_consent(at: Lobby) -> List[Reply]:
    return at.says(f"/enrol {NAME}")


def to_photos(at: Lobby) -> List[Reply]:
    return at.follows(to_consent(at), "Yes")


def to_enough(at: Lobby) -> List[Reply]:
    to_photos(at)
    return [reply for number in range(3) for reply in at.shows(bytes([number]))]


STEPS: Dict[str, Callable[[Lobby], List[Reply]]] = {
    "name": lambda at: at.says("/enrol"),
    "consent": to_consent,
    "photos": to_photos,
    "enough": to_enough,
}


def test_the_whole_way(at: Lobby) -> None:
    asked = at.says("/enrol")
    assert "Write the name" in asked[0].text
    consent = at.says(NAME)
    assert "Zoë van den &lt;Berg&gt;" in consent[0].text
    photos = at.follows(consent, "Yes")
    assert "3 to 5 photos" in photos[0].text
    at.enrolments.verdicts = [Reason.BLURRED]
    assert "✗ The photo is blurred" in at.shows(b"0")[0].text
    assert "2 more good photos are needed" in at.shows(b"1")[0].text
    assert "1 more good photo is needed" in at.shows(b"2")[0].text
    enough = at.shows(b"3")
    assert "Press Done" in enough[0].text
    assert "enrolled with 3 photos" in at.follows(enough, "Done")[0].text
    person = at.enrolments.enrolled[1]
    assert (person.name, person.faces, person.enrolled_by) == (NAME, 3, "telegram:11")
    assert person.consent.given_by == NAME
    assert person.consent.at == at.clock.now()
    assert "telegram:11" in person.consent.how
    assert at.enrolments.pictures == [b"0", b"1", b"2", b"3"]
    assert at.services.dialogues.get(ANNA.id, ANNA.id) is None
    assert "3 photos" in at.says("/people")[0].text


def test_the_fifth_good_photo_ends_it(at: Lobby) -> None:
    to_enough(at)
    at.shows(b"4")
    assert "enrolled with 5 photos" in at.shows(b"5")[-1].text
    assert at.shows(b"6") == []


def test_an_enrolment_that_needs_more_photos_goes_on_until_it_has_them(at: Lobby) -> None:
    at.enrolments.needed = 6
    at.says("/enrol")
    assert "6 to 6 photos" in at.follows(at.says(NAME), "Yes")[0].text
    for number in range(5):
        assert "needed" in at.shows(str(number).encode())[-1].text
    assert "enrolled with 6 photos" in at.shows(b"5")[-1].text


def test_no_name_is_kept_by_the_audit(at: Lobby) -> None:
    at.follows(to_enough(at)[-1:], "Done")
    at.says(f"/forget {NAME}")
    entries = at.services.audit.latest(100)
    assert {entry.action for entry in entries} == {"enrol", "forget"}
    assert all(entry.subject == "" for entry in entries)


@pytest.mark.parametrize("step", STEPS)
def test_it_is_cancelled_at_any_step(at: Lobby, step: str) -> None:
    STEPS[step](at)
    assert "Nothing was kept" in at.says("/cancel")[0].text
    assert at.enrolments.open == {}
    assert at.services.dialogues.get(ANNA.id, ANNA.id) is None
    assert at.shows(b"x") == []
    assert "nothing to cancel" in at.says("/cancel")[0].text


@pytest.mark.parametrize("step", ["consent", "photos", "enough"])
def test_it_is_cancelled_with_its_button(at: Lobby, step: str) -> None:
    last = STEPS[step](at)[-1:]
    assert "Nothing was kept" in at.follows(last, "Cancel")[0].text
    assert at.enrolments.open == {}


@pytest.mark.parametrize("step", STEPS)
def test_it_runs_out_of_time_at_any_step_and_the_person_is_told(at: Lobby, step: str) -> None:
    STEPS[step](at)
    at.clock.advance(PATIENCE_S - 1)
    assert list(at.reception.sweep()) == []
    at.clock.advance(2)
    assert at.shows(b"x") == []
    told = list(at.reception.sweep())
    assert [reply.chat for reply in told] == [ANNA.id]
    assert "15 min" in told[0].text
    assert at.enrolments.open == {}
    assert list(at.reception.sweep()) == []


def test_each_answer_gives_it_more_time(at: Lobby) -> None:
    to_photos(at)
    for number in range(3):
        at.clock.advance(PATIENCE_S - 1)
        assert at.shows(bytes([number]))
    assert list(at.reception.sweep()) == []


def test_who_was_revoked_meanwhile_is_not_told(at: Lobby) -> None:
    to_photos(at)
    at.services.dialogues.put(ANNA.id, BOB.id, "other", {}, 1.0)
    at.clock.advance(PATIENCE_S + 1)
    at.services.members.set_role(ANNA.id, Role.VIEWER)
    assert len(list(at.reception.sweep())) == 1


@pytest.mark.parametrize("step", STEPS)
def test_it_goes_on_after_a_restart(at: Lobby, step: str) -> None:
    last = STEPS[step](at)[-1:]
    at.restart()
    if step == "name":
        last = at.says(NAME)
    if step in ("name", "consent"):
        last = at.follows(last, "Yes")
    while not any(button.label == "Done" for reply in last for row in reply.buttons for button in row):
        at.restart()
        last = at.shows(b"x")
    at.restart()
    assert "enrolled" in at.follows(last, "Done")[0].text


@pytest.mark.parametrize("step", STEPS)
def test_other_commands_work_meanwhile(at: Lobby, step: str) -> None:
    STEPS[step](at)
    assert "Beffroi 1.2.3" in at.says("/status")[0].text
    assert "already" in at.says("/enrol Somebody Else")[0].text
    assert at.services.dialogues.get(ANNA.id, ANNA.id) is not None


@pytest.mark.parametrize(("step", "part"), [("consent", "one of the buttons"), ("photos", "Send photos")])
def test_words_where_something_else_is_waited_for(at: Lobby, step: str, part: str) -> None:
    STEPS[step](at)
    reply = at.says("maybe")[0]
    assert part in reply.text
    assert reply.buttons


def test_a_name_that_is_too_long_is_asked_for_again(at: Lobby) -> None:
    at.says("/enrol")
    assert "1 to 64" in at.says("x" * 65)[0].text
    assert at.says(NAME)[0].buttons


def test_photos_before_the_consent_are_not_fetched(at: Lobby) -> None:
    to_consent(at)
    assert at.shows(b"x") == []
    assert at.enrolments.pictures == []


def test_a_button_of_an_earlier_conversation_does_not_speak_for_another_person(at: Lobby) -> None:
    old = to_consent(at)
    at.says("/cancel")
    at.says("/enrol Somebody Else")
    assert "earlier conversation" in at.follows(old, "Yes")[0].text
    assert at.enrolments.open == {}


def test_somebody_elses_press_is_not_mine(at: Lobby) -> None:
    asked = to_consent(at)
    assert "earlier conversation" in at.follows(asked, "Yes", BOB)[0].text
    assert at.enrolments.open == {}


def test_a_second_press_changes_nothing(at: Lobby) -> None:
    asked = to_consent(at)
    at.follows(asked, "Yes")
    assert "further" in at.follows(asked, "Yes")[0].text
    assert len(at.enrolments.open) == 1


def test_done_before_enough_says_what_is_missing(at: Lobby) -> None:
    to_photos(at)
    at.shows(b"1")
    dialogue = at.services.dialogues.get(ANNA.id, ANNA.id)
    assert dialogue is not None
    assert "too few" in at.presses(f"c:enrol:!done:{dialogue.state['talk']}")[0].text
    assert at.shows(b"2")


def test_a_photo_that_cannot_be_fetched(at: Lobby) -> None:
    to_photos(at)
    assert "20 MB" in at.shows(None)[0].text
    assert at.shows(b"1")


def test_a_right_that_was_taken_away_ends_it(at: Lobby) -> None:
    asked = to_photos(at)
    at.services.members.set_role(ANNA.id, Role.VIEWER)
    assert "may not" in at.shows(b"1")[0].text
    assert "may not" in at.says("words")[0].text
    assert "may not" in at.follows(asked, "Cancel")[0].text
    assert at.enrolments.pictures == []
    at.says("/cancel")
    assert at.enrolments.open == {}


def test_a_service_that_forgot_the_enrolment_ends_the_conversation(at: Lobby) -> None:
    enough = to_enough(at)[-1:]
    at.enrolments.open.clear()
    assert "Begin again" in at.follows(enough, "Done")[0].text
    assert at.services.dialogues.get(ANNA.id, ANNA.id) is None
    to_photos(at)
    at.enrolments.open.clear()
    assert "Begin again" in at.shows(b"1")[0].text
    assert "nothing to cancel" in at.says("/cancel")[0].text
    to_photos(at)
    at.enrolments.open.clear()
    assert "Nothing was kept" in at.says("/cancel")[0].text


def test_a_name_that_is_taken(at: Lobby) -> None:
    at.follows(to_enough(at)[-1:], "Done")
    assert "under that name already" in to_photos(at)[0].text


def test_not_in_a_group(at: Lobby) -> None:
    at.member(GROUP, Role.ADMIN)
    assert "private chat" in at.says("/enrol X", ANNA, GROUP)[0].text


def test_forget_asks_again(at: Lobby) -> None:
    assert "Nobody is enrolled" in at.says("/forget")[0].text
    at.follows(to_enough(at)[-1:], "Done")
    asked = at.follows(at.says("/forget"), "Zoë")
    assert "cannot be undone" in asked[0].text
    assert "Nobody was forgotten" in at.follows(asked, "No")[0].text
    assert at.enrolments.enrolled
    said = at.follows(asked, "Yes")[0].text
    assert "3 faces, 3 photos, 2 links" in said
    assert at.enrolments.enrolled == {}
    assert "Nobody is enrolled under that name" in at.follows(asked, "Yes")[0].text
    assert "Nobody is enrolled under that name" in at.says(f"/forget {NAME}")[0].text
    assert "Nobody is enrolled" in at.says("/people")[0].text


def test_a_yes_that_is_typed_is_a_name(at: Lobby) -> None:
    at.follows(to_enough(at)[-1:], "Done")
    at.says(f"/forget {NAME} yes")
    assert at.enrolments.enrolled


def test_without_faces_it_says_so(at: Lobby) -> None:
    at.without_faces()
    for words in ("/enrol Zoë", "/enrol", "/people", "/forget Zoë"):
        assert "not set up" in at.says(words)[0].text
    assert at.audited().outcome == "declined"


@pytest.mark.parametrize("refusal", list(Refusal))
def test_every_refusal_is_said_in_words(at: Lobby, monkeypatch: pytest.MonkeyPatch, refusal: Refusal) -> None:
    def refuse(by: str) -> None:
        raise PeopleError("in english", refusal.value)

    monkeypatch.setattr(at.enrolments, "people", refuse)
    assert at.says("/people")[0].text
    assert at.audited().outcome == f"declined: {refusal.value}"


@pytest.mark.parametrize("reason", list(Reason))
def test_every_verdict_is_said_in_words(reason: Reason) -> None:
    assert verdict_text(reason, texts("en"))


def test_an_erasure_that_is_not_over_says_so(at: Lobby, monkeypatch: pytest.MonkeyPatch) -> None:
    at.follows(to_enough(at)[-1:], "Done")
    receipt = Receipt(1, at.clock.now(), None, 3, 3, 0, 0, 0, 0)
    monkeypatch.setattr(at.enrolments, "forget", lambda who, by: receipt)
    assert "last copies" in at.follows(at.says(f"/forget {NAME}"), "Yes")[0].text
