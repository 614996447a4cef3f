"""Every command, asked with each role in each language, as a table."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Iterator, List

import pytest

from agent.domain.access import Role
from alerts.bot.call import Command, Person, Reply
from alerts.bot.data import LIMIT_BYTES
from alerts.bot.markup import plain
from alerts.bot.registry import COMMANDS
from alerts.languages import LANGUAGES
from tests.fakes.changes import opened
from tests.fakes.lobby import ANNA, Lobby, lobby, private

VIEWER, OPERATOR, ENROLLER, ADMIN = Role.VIEWER, Role.OPERATOR, Role.ENROLLER, Role.ADMIN
EVERYBODY = {VIEWER, OPERATOR, ENROLLER, ADMIN}

MAY = {
    "start": EVERYBODY,
    "help": EVERYBODY,
    "cancel": EVERYBODY,
    "lang": EVERYBODY,
    "alerts": EVERYBODY,
    "status": EVERYBODY,
    "cameras": EVERYBODY,
    "snapshot": EVERYBODY,
    "incidents": EVERYBODY,
    "incident": EVERYBODY,
    "report": EVERYBODY,
    "ack": {OPERATOR, ADMIN},
    "false": {OPERATOR, ADMIN},
    "silence": {OPERATOR, ADMIN},
    "arm": {OPERATOR, ADMIN},
    "disarm": {OPERATOR, ADMIN},
    "enrol": {ENROLLER, ADMIN},
    "people": {ENROLLER, ADMIN},
    "forget": {ENROLLER, ADMIN},
    "selftest": {ADMIN},
    "invite": {ADMIN},
    "members": {ADMIN},
    "role": {ADMIN},
    "revoke": {ADMIN},
    "audit": {ADMIN},
}
BUTTONS = {"live": EVERYBODY, "hush": {OPERATOR, ADMIN}}

ARGUMENTS = {
    "snapshot": ["", "yard", "all", "nowhere"],
    "incidents": ["", "3", "many"],
    "incident": ["", "a", "nothing"],
    "report": ["", "2025-12-31", "2026-01-02", "soon"],
    "ack": ["", "a"],
    "false": ["", "a"],
    "silence": ["", "yard", "yard object", "yard object 1h", "yard fire 1h", "yard object long ago"],
    "arm": ["", "yard", "all", "yard mon-fri 18:00-07:00", "yard always", "yard mon"],
    "disarm": ["", "yard", "yard 2h"],
    "enrol": ["", "Zoë <b>"],
    "forget": ["", "Zoë"],
    "invite": ["", "viewer", "king"],
    "role": ["", "11", "11 admin", "nobody admin"],
    "revoke": ["", "11", "nobody"],
    "audit": ["", "5", "x"],
    "lang": ["", "fr", "klingon"],
    "alerts": ["", "on", "off"],
}

TAGS = {"b", "i", "code", "a", "pre", "u", "s"}


class Balance(HTMLParser):
    """Fails on what Telegram would not take."""

    def __init__(self) -> None:
        super().__init__()
        self.open: List[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert tag in TAGS, tag
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def check(reply: Reply) -> None:
    """What no reply may be: broken HTML, a value that was forgotten, a button that is too long."""
    balance = Balance()
    balance.feed(reply.text)
    balance.close()
    assert balance.open == []
    assert not re.search(r"\{\w+\}", reply.text)
    for row in reply.buttons:
        for button in row:
            assert button.label
            assert "<b>" not in button.label
            assert len(button.data.encode()) <= LIMIT_BYTES


@pytest.fixture(scope="module")
def hall() -> Iterator[Lobby]:
    with lobby() as made:
        made.incident(opened("a"), picture=True)
        yield made


def test_the_table_names_every_command() -> None:
    assert {each.name for each in COMMANDS if each.typed} == set(MAY)
    assert {each.name for each in COMMANDS if not each.typed} == set(BUTTONS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("command", [each for each in COMMANDS if each.typed], ids=lambda each: each.name)
def test_a_command_is_done_or_refused_by_role(
    hall: Lobby, command: Command, role: Role, language: str
) -> None:
    person = Person(ANNA.id, "Anna <&> \u202eא", "en")
    for words in ARGUMENTS.get(command.name, [""]):
        hall.member(private(Person(99, "Boss")), Role.ADMIN)
        hall.member(private(person), role, language)
        hall.services.dialogues.drop(person.id, person.id)
        replies = hall.says(f"/{command.name} {words}".strip(), person)
        assert replies, words
        for reply in replies:
            assert plain(reply.text).strip() or reply.pictures
            check(reply)
        outcome = hall.audited().outcome
        assert (outcome == "refused") == (role not in MAY[command.name])
        assert outcome != "failed"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", list(Role))
def test_buttons_under_alerts_are_done_or_refused_by_role(hall: Lobby, role: Role, language: str) -> None:
    hall.member(private(ANNA), role, language)
    for verb, name in {"ack": "ack", "false": "false", "live": "live", "hush": "hush"}.items():
        incident = hall.incident(opened(f"{verb}-{role.value}-{language}"))
        replies = hall.presses(f"{verb}:{incident}")
        assert replies[0].toast or replies[0].pictures
        allowed = {**MAY, **BUTTONS}[name]
        assert (hall.audited().outcome == "refused") == (role not in allowed)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", list(Role))
def test_help_lists_what_the_role_may_do_and_nothing_else(hall: Lobby, role: Role, language: str) -> None:
    hall.member(private(ANNA), role, language)
    text = hall.says("/help")[0].text
    assert set(re.findall(r"^/(\w+)\s?:", text, re.MULTILINE)) == {
        name for name, roles in MAY.items() if role in roles
    }
