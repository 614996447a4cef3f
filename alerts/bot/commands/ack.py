"""/ack and the button Acknowledge: a person takes an incident on."""

from __future__ import annotations

from typing import Iterator

from agent.domain.access import Right
from agent.domain.incident import State
from alerts.bot.call import Call, Command, Reply
from alerts.bot.choosing import camera_label, incident, incident_buttons
from alerts.languages import N_, Markup
from alerts.telegram.words import kind_name

_CHOICE = 20


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    if call.arguments:
        # Under an alert the id is whole, and what the agent says of it counts, not what history keeps.
        chosen = call.arguments[0] if call.alert else incident(call, call.arguments[0]).id
    else:
        waiting = call.services.history.list(state=State.OPEN, limit=_CHOICE)
        if not waiting:
            yield call.say(t("Nothing waits to be acknowledged."))
            return
        if len(waiting) > 1:
            yield call.ask(t("Which incident do you take on?"), incident_buttons(call, "ack", waiting))
            return
        chosen = waiting[0].id
    done = call.controls.acknowledge(chosen, call.actor)
    where = camera_label(call, done.camera)
    what = Markup(kind_name(done.kind, t))
    yield call.done(t("👍 You took on: {what} · {where}", what=what, where=where))


ACK = Command("ack", Right.ACT, N_("Take an incident on"), _run)
