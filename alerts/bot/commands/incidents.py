"""/incidents: the newest, with a button for each."""

from __future__ import annotations

from typing import Iterator, List

from agent.domain.access import Right
from alerts.bot.call import Call, Command, DeclinedError, Reply
from alerts.bot.choosing import cameras, incident_buttons, place_label
from alerts.languages import N_, Markup
from alerts.telegram.words import EMOJI, kind_name, local_time, state_name

_DEFAULT, _MOST, _BUTTONS = 5, 30, 8


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    found = call.services.history.list(limit=_number(call))
    if not found:
        yield call.say(t("There was no incident yet."))
        return
    names = cameras(call)
    lines: List[str] = [t("<b>The latest incidents</b>")]
    for each in found:
        lines.append(
            t(
                "{time} {mark} <b>{what}</b> · {where} · {state}",
                time=local_time(each.first_seen, call.now()),
                mark=f"{EMOJI[each.kind]}🧪" if each.drill else EMOJI[each.kind],
                what=Markup(kind_name(each.kind, t)),
                where=place_label(names, each.camera, t),
                state=Markup(state_name(each.state, t)),
            )
        )
    yield call.say("\n".join(lines), incident_buttons(call, "incident", found[:_BUTTONS]))


def _number(call: Call) -> int:
    t = call.t
    if not call.arguments:
        return _DEFAULT
    word = call.arguments[0]
    if not (word.isascii() and word.isdigit() and 1 <= int(word) <= _MOST):
        raise DeclinedError(t("How many? A number from 1 to {most}, please: /incidents 10", most=_MOST))
    return int(word)


INCIDENTS = Command("incidents", Right.SEE, N_("The latest incidents"), _run)
