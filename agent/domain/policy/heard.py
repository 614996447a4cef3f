"""What a person's word makes of what goes on."""

from __future__ import annotations

from typing import Callable, Optional

from agent.domain.incident import Change, Incident, Transition
from agent.domain.moment import Moment


class Heard:
    """Something that goes on; without an incident a person dismissed it, `told` says when."""

    incident: Optional[Incident]
    told: Moment

    def hear(self, incident_id: str, word: Callable[[Incident], Change], at: Moment) -> Optional[Change]:
        """Let the word change the incident; None where it is about another. Raises IllegalTransitionError."""
        if self.incident is None or self.incident.id != incident_id:
            return None
        change = word(self.incident)
        if change.transition is Transition.DISMISSED:
            self.incident, self.told = None, at
        else:
            self.incident = change.incident
        return change
