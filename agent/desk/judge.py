"""What people say of an incident: that they take it on, or that it is a false alarm.

The policy that holds the incident decides, in its own thread, so that a person and the end of a fire never
both get the same sequence number. What no policy holds any more (it is over, its camera is gone, it is a
drill) is changed here, one word at a time.
"""

from __future__ import annotations

import threading
from typing import Callable, Optional, Sequence

import structlog
from typing_extensions import Protocol

from agent.controls import ClosedIncidentError, UnknownIncidentError
from agent.domain.incident import Change, IllegalTransitionError, Incident
from agent.errors import StoreError
from agent.pipeline.record import Recorder
from agent.ports import Clock
from agent.store.history import History
from agent.store.labelled import Labelled

log = structlog.get_logger(__name__)

Word = Callable[[Incident], Change]


class Holder(Protocol):
    """Who watches, and so holds the unresolved incidents; see agent.assembly.watching.Watching.judge."""

    def judge(self, incident: Incident, word: Word) -> Optional[Change]: ...


class Judge:
    """Thread-safe. What is decided is in the database when a method returns, or waits for it in order."""

    def __init__(
        self,
        holder: Holder,
        history: History,
        recorders: Sequence[Recorder],
        labelled: Labelled,
        clock: Clock,
    ) -> None:
        """`recorders` are all in which a change may wait for the database."""
        self._holder = holder
        self._history = history
        self._recorders = recorders
        self._labelled = labelled
        self._clock = clock
        self._one_by_one = threading.Lock()
        self._labelling = threading.Lock()

    def acknowledge(self, incident_id: str, actor: str) -> Incident:
        """See agent.controls.Controls; of a fire, its pictures are kept as what they were taken for."""
        return self._say(incident_id, lambda one: one.acknowledge(self._clock.now(), actor))

    def dismiss(self, incident_id: str, actor: str) -> Incident:
        """See agent.controls.Controls; of a fire, its pictures are kept as showing none."""
        return self._say(incident_id, lambda one: one.dismiss(self._clock.now(), actor))

    def end_drill(self, incident_id: str) -> None:
        """A drill is over, unless a person has ended it already."""
        try:
            self._directly(incident_id, lambda one: one.resolve(self._clock.now(), 0.0))
        except IllegalTransitionError:
            log.debug("drill was ended by a person", incident=incident_id)

    def _say(self, incident_id: str, word: Word) -> Incident:
        incident = self._find(incident_id)
        try:
            change = None
            if not incident.state.closed and not incident.drill:
                change = self._holder.judge(incident, word)
            if change is None:
                change = self._directly(incident_id, word)
        except IllegalTransitionError as error:
            raise ClosedIncidentError(str(error), error.incident) from error
        self._label(change)
        return change.incident

    def _directly(self, incident_id: str, word: Word) -> Change:
        with self._one_by_one:
            change = word(self._find(incident_id))
            self._recorder_of(incident_id).record(change, None)
            return change

    def _recorder_of(self, incident_id: str) -> Recorder:
        """The one in which its last change waits, so that the next comes after it; else the first."""
        holding = (one for one in self._recorders if one.pending(incident_id) is not None)
        return next(holding, self._recorders[0])

    def _find(self, incident_id: str) -> Incident:
        """As it stands after its last change, be that in the database yet or not."""
        waiting = self._recorder_of(incident_id).pending(incident_id)
        if waiting is not None:
            return waiting
        past = self._history.get(incident_id)
        if past is None:
            raise UnknownIncidentError(f"there is no incident {incident_id}")
        return past.incident

    def _label(self, change: Change) -> None:
        """Pictures for retraining are worth keeping, but no reason to fail."""
        if change.incident.drill:
            return
        try:
            with self._labelling:  # so that the last word's label is the last written
                past = self._history.get(change.incident.id)
                if past is not None:
                    self._labelled.keep(past)
        except StoreError as error:
            log.error("pictures not kept for retraining", incident=change.incident.id, error=str(error))
