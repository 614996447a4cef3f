"""/incident: one incident with its picture, what happened to it, and who was told when."""

from __future__ import annotations

from typing import Iterator, List, Optional

from agent.domain.access import Right
from agent.domain.incident import Incident
from agent.store.history import PastChange, PastIncident, Told
from agent.store.schema import DeliveryState
from alerts.bot.call import Button, Call, Command, Reply, Rows
from alerts.bot.choosing import incident, incident_buttons
from alerts.bot.markup import CAPTION_LIMIT, pieces
from alerts.bot.words import who
from alerts.languages import N_, Markup
from alerts.telegram.buttons import keyboard
from alerts.telegram.wording import Place, alert_text
from alerts.telegram.words import transition_name

_CHOICE = 8
_STEPS = 12


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    if not call.arguments:
        latest = call.services.history.list(limit=_CHOICE)
        if not latest:
            yield call.say(t("There was no incident yet."))
            return
        yield call.ask(t("Which incident?"), incident_buttons(call, "incident", latest))
        return
    past = call.services.history.get(incident(call, call.arguments[0]).id)
    if past is None:
        yield call.say(t("That incident is not there any more."))
        return
    place = call.services.places.get(past.incident.camera, Place(past.incident.camera))
    actor = who(past.incident.actor, call.services.members, t) if past.incident.actor else ""
    text = f"{alert_text(past, place, t, call.now(), actor)}\n{_history(call, past)}"
    picture = _picture(call, past)
    if picture is None:
        yield Reply(text, buttons=_buttons(call, past.incident))
        return
    caption, *rest = pieces(text, CAPTION_LIMIT)
    yield Reply(caption, pictures=(picture,), buttons=_buttons(call, past.incident))
    for part in rest:
        yield Reply(part)


def _history(call: Call, past: PastIncident) -> str:
    """What happened when, and who was told of it when; the middle of a long one is left out."""
    t = call.t
    steps = past.changes
    lines: List[str] = [t("<b>What happened</b>")]
    lines += [_step(call, step) for step in steps[: _STEPS // 2]]
    if len(steps) > _STEPS:
        lines.append(t("… {n} more …", n=len(steps) - _STEPS))
    lines += [_step(call, step) for step in steps[max(_STEPS // 2, len(steps) - _STEPS // 2) :]]
    return "\n".join(lines)


def _step(call: Call, step: PastChange) -> str:
    t = call.t
    line = f"{step.change.at.astimezone():%H:%M:%S} {transition_name(step.change.transition, t)}"
    told = ", ".join(_told(call, each) for each in step.told)
    return t("{line} → {told}", line=Markup(line), told=Markup(told)) if told else line


def _told(call: Call, told: Told) -> str:
    t = call.t
    if told.state is DeliveryState.DONE and told.settled_at is not None:
        return t("{sink} told at {time}", sink=told.sink, time=f"{told.settled_at.astimezone():%H:%M:%S}")
    if told.state is DeliveryState.PENDING:
        return t("{sink} not told yet", sink=told.sink)
    return t("{sink} could not be told", sink=told.sink)


def _picture(call: Call, past: PastIncident) -> Optional[bytes]:
    """The newest picture that is still on the disk."""
    taken = [step.snapshot for step in reversed(past.changes) if step.snapshot is not None]
    readable = (call.services.pictures.read(snapshot) for snapshot in taken)
    return next((picture for picture in readable if picture is not None), None)


def _buttons(call: Call, incident: Incident) -> Rows:
    """The same as under its alert, where who asks may press them."""
    markup = keyboard(incident, call.t) if Right.ACT in call.rights else None
    if markup is None:
        return ()
    return tuple(
        tuple(Button(each.text, str(each.callback_data)) for each in row) for row in markup.inline_keyboard
    )


INCIDENT = Command("incident", Right.SEE, N_("One incident: picture, history, who was told"), _run)
