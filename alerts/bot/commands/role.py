"""/role: gives a chat another role."""

from __future__ import annotations

from typing import Iterator

from agent.domain.access import Right
from alerts.bot.call import Call, Command, Reply
from alerts.bot.roles import keep_one_administrator, member, member_buttons, role, role_buttons
from alerts.bot.words import role_name
from alerts.languages import N_, Markup


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    if not call.arguments:
        yield call.ask(t("Whose role shall change?"), member_buttons(call, "role"))
        return
    *title, last = call.arguments
    if not title:
        chosen = member(call, last)
        question = t("Which role for <b>{title}</b>?", title=chosen.title)
        yield call.ask(question, role_buttons(call, "role", str(chosen.chat)))
        return
    given = role(call, last)
    chosen = member(call, " ".join(title))
    keep_one_administrator(call, chosen, given)
    call.services.members.set_role(chosen.chat, given)
    text = t("<b>{title}</b> is now: {role}", title=chosen.title, role=Markup(role_name(given, t)))
    yield Reply(text, edit=call.pressed, menus=(chosen.chat,))


ROLE = Command("role", Right.MANAGE, N_("Change somebody's role"), _run)
