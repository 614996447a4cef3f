"""/false and the button False alarm: a person says that it is, or was, none."""

from __future__ import annotations

from typing import Iterator

from agent.domain.access import Right
from agent.domain.incident import State
from alerts.bot.call import Call, Command, Reply
from alerts.bot.choosing import camera_label, incident, incident_buttons
from alerts.languages import N_, Markup
from alerts.telegram.words import kind_name

_CHOICE, _SEARCHED = 8, 50


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    if not call.arguments:
        latest = call.services.history.list(limit=_SEARCHED)
        choice = [each for each in latest if each.state is not State.DISMISSED][:_CHOICE]
        if not choice:
            yield call.say(t("There is no incident to call a false alarm."))
            return
        yield call.ask(t("Which one was a false alarm?"), incident_buttons(call, "false", choice))
        return
    chosen = call.arguments[0] if call.alert else incident(call, call.arguments[0]).id
    done = call.controls.dismiss(chosen, call.actor)
    where = camera_label(call, done.camera)
    what = Markup(kind_name(done.kind, t))
    text = t("❌ False alarm: {what} · {where}. Its picture is kept to learn from.", what=what, where=where)
    yield call.done(text)


FALSE = Command("false", Right.ACT, N_("Say that an incident was a false alarm"), _run)
