"""What the device itself suffers from, as incidents: told like any other, once each, until it is over."""

from __future__ import annotations

import threading
from typing import Callable, Dict, List, Optional

from agent.domain.incident import NO_CAMERA, Change, Incident, Kind
from agent.pipeline.record import Recorder
from agent.ports import Clock


class DeviceTrouble:
    """Holds the incidents of kind `device`, one a reason; thread-safe.

    What a person dismissed is not told again before the agent's next start.
    """

    def __init__(self, recorder: Recorder, new_id: Callable[[], str], clock: Clock) -> None:
        self._recorder = recorder
        self._new_id = new_id
        self._clock = clock
        self._lock = threading.Lock()
        self._held: Dict[str, Incident] = {}

    def resume(self, unresolved: List[Incident]) -> None:
        """Take over what was open when the agent ended."""
        with self._lock:
            self._held = {one.reason or "": one for one in unresolved if one.kind is Kind.DEVICE}

    def tell(self, reason: str, wrong: bool) -> None:
        """It is wrong, or in order; news is recorded, the rest passes silently."""
        now = self._clock.now()
        with self._lock:
            held = self._held.get(reason)
            if wrong and held is None:
                self._put(Incident.open(self._new_id(), NO_CAMERA, Kind.DEVICE, now, 1.0, reason=reason))
            elif not wrong and held is not None and not held.state.closed:
                self._put(held.resolve(now, 0.0))
            if not wrong:
                self._held.pop(reason, None)

    def judge(self, incident: Incident, word: Callable[[Incident], Change]) -> Optional[Change]:
        """See agent.desk.judge.Holder. Raises IllegalTransitionError."""
        with self._lock:
            held = next((one for one in self._held.values() if one.id == incident.id), None)
            return None if held is None else self._put(word(held))

    def _put(self, change: Change) -> Change:
        incident = change.incident
        self._held[incident.reason or ""] = incident
        self._recorder.record(change, None)
        return change
