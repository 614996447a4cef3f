"""The button Silence 1 h under an alert: of this kind, on this camera; never of fire."""

from __future__ import annotations

from typing import Iterator

from agent.domain.access import Right
from alerts.bot.call import Call, Command, Reply
from alerts.bot.choosing import camera_label, incident
from alerts.languages import N_, Markup
from alerts.telegram.buttons import SILENCE_S
from alerts.telegram.words import kind_name, local_time


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    about = incident(call, call.first)
    silence = call.controls.silence(about.camera, about.kind, SILENCE_S, call.actor)
    text = t(
        "🔕 {what} · {where}: silent until {time}",
        what=Markup(kind_name(silence.kind, t)),
        where=camera_label(call, silence.camera),
        time=local_time(silence.until, call.now()),
    )
    yield call.done(text)


HUSH = Command("hush", Right.ACT, N_("Silence an incident's kind for an hour"), _run, typed=False)
