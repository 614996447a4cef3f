"""/report: the day in numbers, and a plot of incidents per hour and camera."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Dict, Iterator, List, Tuple

from agent.domain.access import Right
from agent.domain.incident import Incident, Kind, Transition
from agent.domain.silence import NEVER_SILENT
from alerts.bot.call import Call, Command, DeclinedError, Reply, Rows
from alerts.bot.choosing import cameras, place_label
from alerts.bot.data import button
from alerts.bot.markup import plain
from alerts.languages import N_, Markup
from alerts.telegram.words import EMOJI, kind_name

_MOST = 5000
_HOURS = 24


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    day = _day(call)
    since, until = _midnight(day), _midnight(day + timedelta(days=1))
    began = [
        each
        for each in call.services.history.list(since=since, until=until, limit=_MOST)
        if since <= each.first_seen and not each.drill
    ]
    text = "\n".join(_summary(call, day, since, until, began))
    if not began:
        yield call.say(text, _other_days(day))
        return
    # It takes a second and much memory to import, and most runs never draw.
    from alerts.bot.plot import Plot, draw

    grid, alarms = _grid(call, began)
    title = plain(t("Incidents per hour, {day}", day=day.isoformat()))
    axis = plain(t("hour of the day (framed: fire or smoke)"))
    yield call.picture(text, draw(Plot(title, axis, grid, alarms)), buttons=_other_days(day))


def _day(call: Call) -> date:
    t = call.t
    today = call.now().astimezone().date()
    if not call.arguments:
        return today
    try:
        day = datetime.strptime(call.arguments[0], "%Y-%m-%d").date()  # noqa: DTZ007 - a date alone
    except ValueError:
        raise DeclinedError(t("Which day? For example: /report {day}", day=today.isoformat())) from None
    if not today - timedelta(days=3660) <= day <= today:
        raise DeclinedError(t("There is no report of that day."))
    return day


def _summary(call: Call, day: date, since: datetime, until: datetime, began: List[Incident]) -> List[str]:
    t = call.t
    lines: List[str] = [t("<b>{day}</b>", day=day.isoformat())]
    if not began:
        return [*lines, t("A quiet day: no incident.")]
    for kind in Kind:
        number = sum(each.kind is kind for each in began)
        if number:
            what = Markup(kind_name(kind, t))
            lines.append(t("{emoji} {what}: {number}", emoji=EMOJI[kind], what=what, number=number))
    counts: Dict[Transition, int] = {}
    for (_, _, transition), number in call.services.history.counts(since, until).items():
        counts[transition] = counts.get(transition, 0) + number
    lines.append(
        t(
            "Acknowledged: {acknowledged}, false alarms: {dismissed}",
            acknowledged=counts.get(Transition.ACKNOWLEDGED, 0),
            dismissed=counts.get(Transition.DISMISSED, 0),
        )
    )
    return lines


def _grid(call: Call, began: List[Incident]) -> Tuple[Dict[str, List[int]], Dict[str, List[bool]]]:
    """Incidents by camera and local hour, the busiest camera first; and which of those hours held fire."""
    names = cameras(call)
    grid: Dict[str, List[int]] = {}
    alarms: Dict[str, List[bool]] = {}
    for each in began:
        name = place_label(names, each.camera, call.t)
        hour = each.first_seen.astimezone().hour
        grid.setdefault(name, [0] * _HOURS)[hour] += 1
        alarm = alarms.setdefault(name, [False] * _HOURS)
        alarm[hour] = alarm[hour] or each.kind in NEVER_SILENT
    busiest = sorted(grid, key=lambda name: (-sum(grid[name]), name))
    return {name: grid[name] for name in busiest}, alarms


def _other_days(day: date) -> Rows:
    before = day - timedelta(days=1)
    return ((button(f"◀ {before.isoformat()}", "report", before.isoformat()),),)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min).astimezone()


REPORT = Command("report", Right.SEE, N_("The day in numbers and a plot"), _run)
