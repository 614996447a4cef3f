"""What happened while nothing got through, as one message: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import List, Mapping, Optional, Sequence, Tuple

from agent.domain.silence import NEVER_SILENT
from agent.store.history import PastIncident
from alerts.languages import Markup, Texts
from alerts.telegram.wording import Place, ended_at, short
from alerts.telegram.words import EMOJI, kind_name, local_time, state_name

_MOST_LINES = 25
_GOES_ON_S = 600.0


@dataclass(frozen=True)
class Summary:
    """One that was sent: where, when (monotonic seconds), and of what."""

    message_id: int
    at: float
    pasts: Sequence[PastIncident]

    def takes(self, late: Sequence[PastIncident], now: float) -> bool:
        """Whether more can be added to it: it is fresh, and what is added is no worse than what it says."""
        worst = max(past.incident.severity.rank for past in self.pasts)
        return now - self.at < _GOES_ON_S and all(past.incident.severity.rank <= worst for past in late)

    def with_more(self, late: Sequence[PastIncident]) -> List[PastIncident]:
        """What it says, and these; of an incident that it says already, these."""
        return list({past.incident.id: past for past in [*self.pasts, *late]}.values())


def summary_text(
    pasts: Sequence[PastIncident],
    places: Mapping[str, Place],
    t: Texts,
    now: datetime,
    zone: Optional[tzinfo] = None,
) -> str:
    """The incidents as HTML of less than 4,096 characters: fire first, then in the order they began."""
    ordered = sorted(pasts, key=_worst_first)
    since = min(past.incident.first_seen for past in ordered)
    lines = [
        t.plural(
            "🕳 <b>{n} incident while no message got through</b> (since {since})",
            "🕳 <b>{n} incidents while no message got through</b> (since {since})",
            len(ordered),
            since=local_time(since, now, zone),
        )
    ]
    for past in ordered[:_MOST_LINES]:
        place = places.get(past.incident.camera, Place(past.incident.camera))
        lines.append(_line(past, place, t, now, zone))
    more = len(ordered) - _MOST_LINES
    if more > 0:
        lines.append(t.plural("and {n} more: /incidents", "and {n} more: /incidents", more))
    return "\n".join(lines)


def _worst_first(past: PastIncident) -> Tuple[int, int, datetime, str]:
    incident = past.incident
    return (
        0 if incident.kind in NEVER_SILENT else 1,
        -incident.severity.rank,
        incident.first_seen,
        incident.id,
    )


def _line(past: PastIncident, place: Place, t: Texts, now: datetime, zone: Optional[tzinfo]) -> str:
    incident = past.incident
    values = {
        "emoji": EMOJI[incident.kind],
        "began": local_time(incident.first_seen, now, zone),
        "what": Markup(kind_name(incident.kind, t)),
        "where": short(place.name),
        "state": Markup(state_name(incident.state, t)),
    }
    if not incident.state.closed:
        return t("{emoji} {began} <b>{what}</b> · {where}: {state}", **values)
    ended = local_time(ended_at(past), now, zone)
    return t("{emoji} {began} <b>{what}</b> · {where}: {state} {ended}", ended=ended, **values)
