from __future__ import annotations

import re

import pytest

from agent.domain.access import Role
from agent.store import invitations as module
from agent.store.database import Database
from agent.store.invitations import Invitation, Invitations, OpenInvitation
from agent.store.strangers import MOST_TRIES_OF_A_CHAT_PER_HOUR, Strangers
from tests.fakes.clock import FakeClock

MINUTE = 60.0


@pytest.fixture
def invitations(database: Database, clock: FakeClock) -> Invitations:
    return Invitations(database, clock)


def test_a_code_is_readable_and_good_once(invitations: Invitations) -> None:
    code = invitations.issue(Role.OPERATOR, "shell:root", 15 * MINUTE)
    assert re.fullmatch(r"[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}", code)
    assert invitations.redeem(code, 7) == Invitation(Role.OPERATOR, "shell:root")
    assert invitations.redeem(code, 7) is None
    assert invitations.open() == []


def test_each_code_gives_its_own_role(invitations: Invitations) -> None:
    codes = {role: invitations.issue(role, f"telegram:{n}", MINUTE) for n, role in enumerate(Role)}
    for number, role in reversed(list(enumerate(Role))):
        assert invitations.redeem(codes[role], 7) == Invitation(role, f"telegram:{number}")


@pytest.mark.parametrize(
    "wrong", ["", "K7QF-2M9X", "K7QF", "/start", "\u202e", "0" * 10_000, "K7QF-2M9\u0131"]
)
def test_what_is_no_open_code_gives_nothing(invitations: Invitations, wrong: str) -> None:
    invitations.issue(Role.ADMIN, "shell:root", MINUTE)
    assert invitations.redeem(wrong, 7) is None
    assert len(invitations.open()) == 1


def test_a_code_runs_out(invitations: Invitations, clock: FakeClock) -> None:
    first = invitations.issue(Role.VIEWER, "shell:root", MINUTE)
    last = invitations.issue(Role.ADMIN, "shell:root", 2 * MINUTE)
    clock.advance(59.9)
    assert [one.role for one in invitations.open()] == [Role.VIEWER, Role.ADMIN]
    clock.advance(0.1)
    assert [one.role for one in invitations.open()] == [Role.ADMIN]
    assert invitations.redeem(first, 7) is None
    assert invitations.redeem(last, 7) is not None


def test_those_open_are_told_without_their_codes(invitations: Invitations, clock: FakeClock) -> None:
    issued_at = clock.now()
    invitations.issue(Role.VIEWER, "shell:\x1broot", MINUTE)
    (one,) = invitations.open()
    clock.advance(MINUTE)
    assert one == OpenInvitation(Role.VIEWER, "shell:root", issued_at, clock.now())


def test_the_code_is_not_in_the_database(invitations: Invitations, database: Database) -> None:
    code = invitations.issue(Role.ADMIN, "shell:root", MINUTE)
    database.checkpoint()
    kept = database.path.read_bytes()
    assert b"shell:root" in kept
    assert code.encode() not in kept
    assert code.replace("-", "").encode() not in kept


def test_all_can_be_taken_back(invitations: Invitations, clock: FakeClock) -> None:
    invitations.issue(Role.VIEWER, "shell:root", MINUTE / 2)
    clock.advance(MINUTE)
    codes = [invitations.issue(Role.ADMIN, "shell:root", MINUTE) for _ in range(2)]
    assert invitations.withdraw_all() == 2
    assert [invitations.redeem(code, 7) for code in codes] == [None, None]
    assert invitations.withdraw_all() == 0


def test_the_oldest_make_way(invitations: Invitations, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_OPEN", 2)
    codes = [invitations.issue(Role.VIEWER, "shell:root", MINUTE) for _ in range(3)]
    assert [invitations.redeem(code, 7) is not None for code in codes] == [False, True, True]


def test_a_redeemed_code_ends_being_a_stranger(
    invitations: Invitations, database: Database, clock: FakeClock
) -> None:
    strangers = Strangers(database, clock)
    assert strangers.met(7)
    invitations.redeem(invitations.issue(Role.VIEWER, "shell:root", MINUTE), 7)
    assert strangers.met(7)


def test_a_new_invitation_can_be_tried_whatever_others_tried(
    invitations: Invitations, database: Database, clock: FakeClock
) -> None:
    strangers = Strangers(database, clock)
    for _ in range(MOST_TRIES_OF_A_CHAT_PER_HOUR):
        assert strangers.may_try(7)
    assert not strangers.may_try(7)
    invitations.issue(Role.VIEWER, "shell:root", MINUTE)
    assert strangers.may_try(7)
