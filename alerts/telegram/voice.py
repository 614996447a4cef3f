"""How incidents are told, whatever the chat: its parts, and the letters they are written in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Dict, Mapping, Optional, Sequence

from agent.domain.incident import Severity
from agent.ports import Clock
from agent.store.history import PastIncident
from alerts.languages import Texts
from alerts.telegram.buttons import keyboard
from alerts.telegram.plan import loud, newest_picture
from alerts.telegram.post import Letter, Post
from alerts.telegram.recipients import Recipients
from alerts.telegram.summary import Summary, summary_text
from alerts.telegram.told import Told
from alerts.telegram.wording import Place, alert_text, over_text, overtaken_text


@dataclass(frozen=True)
class Voice:
    """Times are shown in `zone`, by default the device's own; `summaries` are the last ones, by chat."""

    post: Post
    told: Told
    recipients: Recipients
    places: Mapping[str, Place]
    clock: Clock
    loud_from: Severity
    album: bool = False
    zone: Optional[tzinfo] = None
    summaries: Dict[int, Summary] = field(default_factory=dict)

    def place(self, past: PastIncident) -> Place:
        camera = past.incident.camera
        return self.places.get(camera, Place(camera))

    def loud(self, past: PastIncident) -> bool:
        return loud(past.incident.kind, past.incident.severity, self.loud_from)

    def whole(self, past: PastIncident, t: Texts, pictures_after: int = 0) -> Letter:
        """All about an incident, with its newest picture where that is of a change later than this one."""
        name = self.recipients.name(past.incident.actor)
        text = alert_text(past, self.place(past), t, self.clock.now(), name, self.zone)
        return Letter(text, newest_picture(past, pictures_after), keyboard(past.incident, t))

    def overtaken(self, past: PastIncident, t: Texts) -> Letter:
        return Letter(overtaken_text(past, self.place(past), t))

    def over(self, past: PastIncident, t: Texts) -> Letter:
        return Letter(over_text(past, self.place(past), t))

    def summary(self, pasts: Sequence[PastIncident], t: Texts) -> Letter:
        return Letter(summary_text(pasts, self.places, t, self.clock.now(), self.zone))
