"""An incident as people read it: pure. Its first line alone must say what, where and how sure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from html import escape
from typing import List, Mapping, Optional

from agent.domain.incident import Incident, Kind, State, Transition
from agent.domain.policy.object_rules import ObjectRule
from agent.domain.silence import NEVER_SILENT
from agent.store.history import PastIncident
from alerts.languages import Markup, Texts
from alerts.telegram.things import rule_text
from alerts.telegram.words import EMOJI, duration, kind_name, local_time, percent, reason_name

_LONGEST_NAME = 60
_UNSURE = (Kind.CAMERA, Kind.DEVICE)
"""Kinds that are a fact with a reason: nobody asks how sure they are."""
_WITH_REASON = (*_UNSURE, Kind.FACE, Kind.OBJECT)


@dataclass(frozen=True)
class Place:
    """Where a camera looks: what people call it, WGS 84 degrees where they are known, and its rules about
    things by name."""

    name: str
    latitude: Optional[float] = None
    longitude: Optional[float] = None
    rules: Mapping[str, ObjectRule] = field(default_factory=dict)


def alert_text(
    past: PastIncident,
    place: Place,
    t: Texts,
    now: datetime,
    actor_name: str = "",
    zone: Optional[tzinfo] = None,
) -> str:
    """The incident as it stands, as HTML of less than 1,024 characters.

    `actor_name` is what people call the incident's actor; times are shown in `zone`, by default the device's.
    """
    incident = past.incident
    lines = [headline(incident, place, t)]
    if incident.drill:
        lines.append(t("<b>This is a drill: nothing burns.</b>"))
    lines += _began_as(past, t)
    lines.append(_since(past, t, now, zone))
    lines += _sureness(incident, t)
    lines += _people(past, t, now, actor_name, zone)
    lines += _where(place, t)
    lines.append(t("<i>Incident {id}</i>", id=incident.id))
    return "\n".join(lines)


def headline(incident: Incident, place: Place, t: Texts) -> str:
    """One line of HTML: what, where, how sure."""
    what, where = Markup(kind_name(incident.kind, t)), short(place.name)
    if incident.state is State.RESOLVED:
        line = t("✅ <b>Over: {what}</b> · {where}", what=what, where=where)
    elif incident.state is State.DISMISSED:
        line = t("❌ <b>False alarm: {what}</b> · {where}", what=what, where=where)
    else:
        shown = Markup(what.upper() if incident.kind in NEVER_SILENT else what)
        line = f"{EMOJI[incident.kind]} <b>{shown}</b> · {escape(where, quote=False)}"
        if incident.kind in _WITH_REASON and incident.reason:
            line += f" · {_why(incident, incident.reason, place, t)}"
        if incident.kind not in _UNSURE:
            line += f" · {percent(incident.confidence, t)}"
        if incident.state is State.ACKNOWLEDGED:
            line = f"👍 {line}"
    return t("🧪 DRILL · {line}", line=Markup(line)) if incident.drill else line


def _why(incident: Incident, reason: str, place: Place, t: Texts) -> str:
    if incident.kind is Kind.OBJECT:
        rule = place.rules.get(reason)
        return escape(reason) if rule is None else rule_text(rule, t)
    said = reason_name(reason, t)
    if incident.person is None:
        return said
    number = t("number {number}", number=incident.person)
    return f"{said} ({number})"


def overtaken_text(past: PastIncident, place: Place, t: Texts) -> str:
    """What becomes of an incident's message once a new one tells that it became worse."""
    # Not within the f-string: before Python 3.12 the extraction of texts does not look into one.
    worse = t("⚠️ It became worse: see below.")
    return f"{headline(past.incident, place, t)}\n{worse}"


def over_text(past: PastIncident, place: Place, t: Texts) -> str:
    """The short word at the end of an incident."""
    line = headline(past.incident, place, t)
    if past.incident.state is not State.RESOLVED:
        return line
    lasted = duration((ended_at(past) - past.incident.first_seen).total_seconds(), t)
    went_on = t("It went on for {duration}.", duration=lasted)
    return f"{line}\n{went_on}"


def _began_as(past: PastIncident, t: Texts) -> List[str]:
    first = past.changes[0].change.incident.kind if past.changes else past.incident.kind
    if first is past.incident.kind:
        return []
    return [t("⚠️ It became worse: it began as “{what}”.", what=Markup(kind_name(first, t)))]


def _since(past: PastIncident, t: Texts, now: datetime, zone: Optional[tzinfo]) -> str:
    incident = past.incident
    began = local_time(incident.first_seen, now, zone)
    if incident.state.closed:
        return t("From {began} to {ended}", began=began, ended=local_time(ended_at(past), now, zone))
    lasted_s = (incident.last_seen - incident.first_seen).total_seconds()
    lasted = duration(lasted_s, t)
    goes_on = any(past_change.change.transition is Transition.UPDATED for past_change in past.changes)
    if not goes_on or lasted_s < 1:
        return t("Since {began}", began=began)
    if incident.kind in (Kind.FIRE, Kind.START_FIRE):
        return t("Since {began}, still burning after {duration}", began=began, duration=lasted)
    return t("Since {began}, still going on after {duration}", began=began, duration=lasted)


def _sureness(incident: Incident, t: Texts) -> List[str]:
    if incident.kind in _UNSURE:
        return []
    peak = Markup(percent(incident.peak, t))
    if incident.state.closed:
        return [t("At most {peak} sure", peak=peak)]
    if peak == percent(incident.confidence, t):
        return []
    return [t("It was {peak} sure before", peak=peak)]


def _people(
    past: PastIncident, t: Texts, now: datetime, actor_name: str, zone: Optional[tzinfo]
) -> List[str]:
    if past.incident.drill:
        return [t("Asked for by {name}", name=actor_name)] if actor_name else []
    lines = []
    who = actor_name or t("somebody")
    for step in past.changes:
        at = local_time(step.change.at, now, zone)
        if step.change.transition is Transition.ACKNOWLEDGED:
            lines = [t("👍 Acknowledged by {name} at {time}", name=who, time=at)]
        elif step.change.transition is Transition.DISMISSED:
            lines = [t("❌ Called a false alarm by {name} at {time}", name=who, time=at)]
    return lines


def _where(place: Place, t: Texts) -> List[str]:
    if place.latitude is None or place.longitude is None:
        return []
    at = f"{place.latitude:.5f}", f"{place.longitude:.5f}"
    url = f"https://www.openstreetmap.org/?mlat={at[0]}&amp;mlon={at[1]}#map=18/{at[0]}/{at[1]}"
    label = t("Map")
    return [f'📍 <a href="{url}">{label}</a>']


def ended_at(past: PastIncident) -> datetime:
    """When it was over: a false alarm may be called one later."""
    closings = (step.change.at for step in past.changes if step.change.incident.state.closed)
    return next(closings, past.incident.last_seen)


def short(name: str) -> str:
    """A name that fits a line."""
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
