"""/enrol: lets the device recognise a person who agreed to it."""

from __future__ import annotations

from typing import Iterator

from agent.domain.access import Right
from alerts.bot import enrolling
from alerts.bot.call import Call, Command, Reply
from alerts.languages import N_


def _run(call: Call) -> Iterator[Reply]:
    if call.arguments and call.arguments[0] in enrolling.ANSWERS:
        yield from enrolling.pressed(call, *call.arguments[:2])
    else:
        yield from enrolling.begin(call, " ".join(call.arguments))


ENROL = Command("enrol", Right.ENROL, N_("Enrol a person's face"), _run, private=True, discreet=True)
