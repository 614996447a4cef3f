"""/invite: a one-time code for a person or a group."""

from __future__ import annotations

from typing import Iterator, List

from agent.domain.access import Right, Role
from alerts.bot.call import Call, Command, Reply
from alerts.bot.roles import role, role_buttons
from alerts.bot.words import role_name
from alerts.languages import N_
from alerts.telegram.words import duration


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    if not call.arguments:
        yield call.ask(t("Which role shall the invitation give?"), role_buttons(call, "invite"))
        return
    given: Role = role(call, call.arguments[0])
    lasts_s = call.services.invitation_s
    code = call.services.invitations.issue(given, call.actor, lasts_s)
    lines: List[str] = [
        t(
            "Code for one <b>{role}</b>, good once and for {duration}: <code>{code}</code>",
            role=role_name(given, t),
            duration=duration(lasts_s, t),
            code=code,
        ),
        t("A person sends me /start {code}, a group writes it where I am in.", code=code),
    ]
    if call.username:
        lines.append(t("Or, as a link: {link}", link=f"https://t.me/{call.username}?start={code}"))
    yield call.say("\n".join(lines))


INVITE = Command("invite", Right.MANAGE, N_("A one-time code to let somebody in"), _run, private=True)
