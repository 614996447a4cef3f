from __future__ import annotations

from datetime import datetime, timezone
from typing import Optional

import pytest

from agent.domain.access import ChatKind, Member, Right, Role
from alerts.bot.access import Decision, Standing
from alerts.bot.call import Command, Place

HOME = Place(11, ChatKind.PRIVATE, "Anna")
GROUP = Place(-100, ChatKind.GROUP, "Brigade")
ACK = Command("ack", Right.ACT, "", lambda call: ())
ENROL = Command("enrol", Right.ENROL, "", lambda call: (), private=True)
LIVE = Command("live", Right.SEE, "", lambda call: (), typed=False)
HELP = Command("help", None, "", lambda call: ())


def member(role: Role) -> Member:
    at = datetime(2026, 1, 1, tzinfo=timezone.utc)
    return Member(1, ChatKind.PRIVATE, "x", role, "en", at, "shell:root")


@pytest.mark.parametrize(
    ("place", "chat", "own", "command", "expected"),
    [
        (HOME, None, None, HELP, Decision.STRANGER),
        (HOME, Role.VIEWER, None, HELP, Decision.ALLOWED),
        (HOME, Role.VIEWER, None, ACK, Decision.NOT_THIS_ROLE),
        (HOME, Role.OPERATOR, None, ACK, Decision.ALLOWED),
        (HOME, Role.ENROLLER, None, ENROL, Decision.ALLOWED),
        (GROUP, Role.VIEWER, None, ACK, Decision.NOT_THIS_ROLE),
        (GROUP, Role.VIEWER, Role.OPERATOR, ACK, Decision.ALLOWED),
        (GROUP, Role.OPERATOR, Role.VIEWER, ACK, Decision.ALLOWED),
        (GROUP, None, Role.ADMIN, HELP, Decision.STRANGER),
        (GROUP, Role.ENROLLER, None, ENROL, Decision.ONLY_IN_PRIVATE),
        (GROUP, Role.VIEWER, None, ENROL, Decision.NOT_THIS_ROLE),
    ],
)
def test_who_may_do_what(
    place: Place, chat: Optional[Role], own: Optional[Role], command: Command, expected: Decision
) -> None:
    standing = Standing(place, member(chat) if chat else None, member(own) if own else None)
    assert standing.may(command) is expected


def test_a_chat_that_was_not_let_in_has_no_rights_whoever_writes() -> None:
    assert Standing(GROUP, None, member(Role.ADMIN)).rights == frozenset()


def test_buttons_alone_are_not_listed() -> None:
    standing = Standing(HOME, member(Role.ADMIN), None)
    assert standing.may(LIVE) is Decision.ALLOWED
    assert not standing.offered(LIVE)
