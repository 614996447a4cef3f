"""Roles and members as administrators name them."""

from __future__ import annotations

from typing import Optional

from agent.domain.access import Member, Right, Role, rights
from alerts.bot.call import Call, DeclinedError, Rows, rows
from alerts.bot.data import button
from alerts.bot.markup import plain
from alerts.bot.words import role_name

_MOST = 60


def role(call: Call, word: str) -> Role:
    """The role that is named, by its English id or in the language of the chat; raises DeclinedError."""
    t = call.t
    wanted = word.casefold()
    for each in Role:
        if wanted in (each.value, plain(role_name(each, t)).casefold()):
            return each
    known = ", ".join(each.value for each in Role)
    raise DeclinedError(t("“{word}” is no role. There are: {roles}.", word=word, roles=known))


def role_buttons(call: Call, command: str, *before: str) -> Rows:
    t = call.t
    return rows([button(plain(role_name(each, t)), command, *before, each.value) for each in Role])


def member(call: Call, word: str) -> Member:
    """The chat of that number or title; raises DeclinedError."""
    t = call.t
    everybody = call.services.members.all()
    found = [each for each in everybody if word == str(each.chat)]
    found = found or [each for each in everybody if each.title.casefold() == word.casefold()]
    if len(found) != 1:
        raise DeclinedError(t("There is no member “{word}”. /members lists them.", word=word))
    return found[0]


def member_buttons(call: Call, command: str) -> Rows:
    everybody = call.services.members.all()[:_MOST]
    return rows([button(each.title, command, str(each.chat)) for each in everybody])


def keep_one_administrator(call: Call, leaving: Member, becomes: Optional[Role]) -> None:
    """Refuse what would leave nobody to manage the bot."""
    t = call.t
    if Right.MANAGE in rights(becomes):
        return
    others = [each for each in call.services.members.all() if each.chat != leaving.chat]
    if Right.MANAGE in rights(leaving.role) and not any(Right.MANAGE in rights(each.role) for each in others):
        raise DeclinedError(t("That is the last administrator: make another one first."))
