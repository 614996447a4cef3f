"""The button Live picture under an alert: what the incident's camera sees now."""

from __future__ import annotations

from typing import Iterator

from agent.domain.access import Right
from alerts.bot.call import Call, Command, Reply
from alerts.bot.choosing import incident
from alerts.bot.picturing import live_picture
from alerts.languages import N_


def _run(call: Call) -> Iterator[Reply]:
    caption, picture = live_picture(call, incident(call, call.first).camera)
    yield call.picture(caption, picture)


LIVE = Command("live", Right.SEE, N_("A picture of an incident's camera, now"), _run, typed=False)
