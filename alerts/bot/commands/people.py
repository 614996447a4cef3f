"""/people: who is enrolled."""

from __future__ import annotations

from typing import Iterator, List

from agent.domain.access import Right
from alerts.bot.call import Call, Command, Reply
from alerts.bot.enrolling import service
from alerts.languages import N_


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    everybody = service(call).people(call.actor)
    if not everybody:
        yield call.say(t("Nobody is enrolled. /enrol begins."))
        return
    lines: List[str] = [t("<b>Enrolled people</b>")]
    for person in everybody:
        line = t.plural(
            "{name}: {n} photo, since {date}",
            "{name}: {n} photos, since {date}",
            person.faces,
            name=person.name,
            date=f"{person.enrolled_at.astimezone():%Y-%m-%d}",
        )
        lines.append(f"👤 {line}")
    yield call.say("\n".join(lines))


PEOPLE = Command("people", Right.ENROL, N_("Who is enrolled"), _run)
