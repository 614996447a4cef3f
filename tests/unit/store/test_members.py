from __future__ import annotations

from dataclasses import replace
from typing import Optional

import pytest

from agent.domain.access import ChatKind, Member, Role
from agent.store import members as module
from agent.store.alert_messages import AlertMessage, AlertMessages
from agent.store.audit import Audit
from agent.store.database import Database
from agent.store.dialogues import Dialogues
from agent.store.incidents import SqliteJournal
from agent.store.invitations import Invitations
from agent.store.members import Members
from agent.store.strangers import Strangers
from tests.fakes.changes import AT, opened
from tests.fakes.clock import FakeClock

DAY = 86400.0
ANNA = Member(7, ChatKind.PRIVATE, "Anna", Role.ADMIN, "en", AT, "shell:root")
CREW = Member(-40, ChatKind.GROUP, "Crew 4", Role.OPERATOR, "fr", AT, "telegram:7")


@pytest.fixture
def members(database: Database, clock: FakeClock) -> Members:
    return Members(database, clock)


def test_a_member_is_kept_as_it_was_admitted(members: Members) -> None:
    odd = replace(ANNA, alerts=False, unreachable="blocked the bot")
    members.admit(CREW)
    members.admit(odd)
    assert (members.get(7), members.get(-40), members.get(8)) == (odd, CREW, None)
    assert members.all() == [CREW, odd]


def test_admitting_again_replaces(members: Members) -> None:
    members.admit(ANNA)
    members.admit(replace(ANNA, role=Role.VIEWER, language="nl"))
    assert members.all() == [replace(ANNA, role=Role.VIEWER, language="nl")]


def test_who_is_admitted_is_a_stranger_no_more(
    members: Members, database: Database, clock: FakeClock
) -> None:
    strangers = Strangers(database, clock)
    assert strangers.met(7)
    members.admit(ANNA)
    members.revoke(7)
    assert strangers.met(7)


def test_a_title_from_telegram_cannot_do_harm(members: Members) -> None:
    members.admit(replace(ANNA, title="An\x1b[2Jna\n\u202e" + "x" * 500 + "\ud83d"))
    kept = members.get(7)
    assert kept is not None
    assert kept.title.startswith("An[2Jna xxx")
    assert len(kept.title) == module.LONGEST_TITLE


def test_what_a_member_chooses_is_kept(members: Members) -> None:
    members.admit(ANNA)
    assert members.set_role(7, Role.OPERATOR)
    assert members.set_language(7, "nl")
    assert members.set_alerts(7, False)
    assert members.unreachable(7, "blocked the bot")
    assert members.get(7) == replace(
        ANNA, role=Role.OPERATOR, language="nl", alerts=False, unreachable="blocked the bot"
    )
    assert members.unreachable(7, None)
    assert members.get(7) == replace(ANNA, role=Role.OPERATOR, language="nl", alerts=False)


def test_a_stranger_can_choose_nothing(members: Members) -> None:
    assert not members.set_role(1, Role.ADMIN)
    assert not members.set_language(1, "fr")
    assert not members.set_alerts(1, True)
    assert not members.unreachable(1, "gone")
    assert not members.revoke(1)
    assert not members.migrate(1, 2)
    assert members.all() == []


@pytest.mark.parametrize(("alerts", "why"), [(False, None), (True, "blocked"), (False, "blocked")])
def test_told_are_those_who_want_to_be_and_can(members: Members, alerts: bool, why: Optional[str]) -> None:
    members.admit(CREW)
    members.admit(replace(ANNA, alerts=alerts, unreachable=why))
    assert members.told() == [CREW]


def test_revoking_forgets_what_was_kept_for_the_chat(
    members: Members, database: Database, clock: FakeClock
) -> None:
    audit, dialogues, messages = Audit(database, clock), Dialogues(database, clock), AlertMessages(database)
    SqliteJournal(database, clock).record(opened("a"), None, [])
    for member in (ANNA, CREW):
        members.admit(member)
        messages.put(AlertMessage("a", member.chat, 1, 1, True))
        audit.note(member.chat, 7, "ack", "a")
    for chat, user in ((7, 7), (-40, 7), (-40, 8)):
        dialogues.put(chat, user, "enrol", {}, 60)
    members.remember(7, "Anna")
    members.remember(8, "Bert")

    assert members.revoke(7)
    assert members.all() == [CREW]
    assert [one.chat for one in messages.of("a")] == [-40]
    assert (dialogues.get(7, 7), dialogues.get(-40, 7)) == (None, None)
    assert dialogues.get(-40, 8) is not None
    assert (members.name_of(7), members.name_of(8)) == (None, "Bert")
    assert [entry.chat for entry in audit.latest(10)] == [-40, 7]


@pytest.mark.parametrize("how", ["revoked", "demoted"])
def test_who_may_invite_no_more_has_no_invitation_open(
    members: Members, database: Database, clock: FakeClock, how: str
) -> None:
    invitations = Invitations(database, clock)
    invitations.issue(Role.VIEWER, "shell:root", 60)
    members.admit(ANNA)
    code = invitations.issue(Role.ADMIN, "telegram:7", 60)
    assert members.set_role(7, Role.ADMIN)
    assert len(invitations.open()) == 2
    assert members.revoke(7) if how == "revoked" else members.set_role(7, Role.ENROLLER)
    assert invitations.redeem(code, 9) is None
    assert [one.by for one in invitations.open()] == ["shell:root"]


def test_a_group_that_became_a_supergroup_goes_on(
    members: Members, database: Database, clock: FakeClock
) -> None:
    audit, dialogues, messages = Audit(database, clock), Dialogues(database, clock), AlertMessages(database)
    SqliteJournal(database, clock).record(opened("a"), None, [])
    members.admit(replace(CREW, unreachable="migrated"))
    audit.note(-40, 7, "ack", "a")
    messages.put(AlertMessage("a", -40, 12, 1, True))
    dialogues.put(-40, 7, "enrol", {"step": 2}, 60)
    Strangers(database, clock).met(-100_40)
    dialogues.put(-100_40, 7, "forget", {}, 60)

    assert members.migrate(-40, -100_40)
    assert members.all() == [replace(CREW, chat=-100_40)]
    assert [entry.action for entry in audit.latest(5, chat=-100_40)] == ["ack"]
    # Message 12 of the supergroup is another one.
    assert messages.get("a", -100_40) is None
    assert messages.get("a", -40) is not None
    moved = dialogues.get(-100_40, 7)
    assert moved is not None
    assert (moved.kind, moved.state, dialogues.get(-40, 7)) == ("enrol", {"step": 2}, None)
    assert not members.migrate(-40, -100_40)


def test_a_supergroup_that_was_let_in_already_stays_as_it_is(members: Members) -> None:
    members.admit(CREW)
    members.admit(replace(CREW, chat=-100_40, role=Role.VIEWER))
    assert members.migrate(-40, -100_40)
    assert members.all() == [replace(CREW, chat=-100_40, role=Role.VIEWER)]


def test_names_are_remembered_and_may_change(members: Members, clock: FakeClock) -> None:
    assert members.name_of(7) is None
    members.remember(7, "Anna")
    members.remember(7, "Anna  B.\n")
    assert members.name_of(7) == "Anna B."


def test_a_name_that_is_used_stays_when_there_are_too_many(
    members: Members, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_NAMES", 3)
    for user in (1, 2, 3):
        members.remember(user, f"user {user}")
        clock.advance(DAY)
    members.remember(1, "user 1")
    members.remember(4, "user 4")
    assert [members.name_of(user) for user in (1, 2, 3, 4)] == ["user 1", None, "user 3", "user 4"]


def test_pressing_buttons_all_day_is_not_written_each_time(
    members: Members, database: Database, clock: FakeClock
) -> None:
    members.remember(7, "Anna")
    with database.write() as connection:  # nobody else may write meanwhile
        assert connection.in_transaction()
        clock.advance(DAY / 2)
        members.remember(7, "Anna")
