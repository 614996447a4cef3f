"""/start: lets a chat in that has a code, and greets one that is in."""

from __future__ import annotations

from typing import Iterator

from alerts.bot.call import Call, Command, Reply
from alerts.bot.pairing import pair, refusal
from alerts.bot.words import role_name
from alerts.languages import N_


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    if call.arguments:
        # People copy codes with spaces in them.
        yield from pair(call, "".join(call.arguments))
    elif call.member is None:
        yield refusal(t, call.place)
    else:
        role = role_name(call.member.role, t)
        text = t(
            "Hello, {name}. This chat is <b>{role}</b>. /help lists what you can do.",
            name=call.person.name,
            role=role,
        )
        yield call.say(text)


START = Command("start", None, N_("Greeting; with a code: let this chat in"), _run, discreet=True)
