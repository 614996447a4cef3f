"""The button Live picture under an alert: what the incident's camera sees now."""

from __future__ import annotations

from typing import Iterator

from agent.domain.access import Right
from alerts.bot.call import Call, Command, Reply
from alerts.bot.choosing import camera_label, incident
from alerts.languages import N_
from alerts.telegram.words import local_time


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    camera = incident(call, call.arguments[0]).camera
    picture = call.controls.live_picture(camera)
    at = local_time(call.now(), call.now())
    yield call.picture(t("<b>{camera}</b> at {time}", camera=camera_label(call, camera), time=at), picture)


LIVE = Command("live", Right.SEE, N_("A picture of an incident's camera, now"), _run, typed=False)
