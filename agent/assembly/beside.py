"""What an agent looks for beside fire: its incidents over restarts, its thread, its models."""

from __future__ import annotations

from typing import Any, Callable, List, Optional, Sequence

from agent.domain.evidence import ModelInfo
from agent.domain.incident import Change, Incident, Kind
from agent.pipeline.beside import Beside
from agent.pipeline.record import Recorder
from agent.ports import Clock
from agent.supervisor import Supervisor


class LookBeside:
    """Not started yet; there may be no `look`, where no camera asks for any."""

    def __init__(
        self, kind: Kind, thread: str, look: Optional[Beside[Any]], recorder: Recorder, clock: Clock
    ) -> None:
        """`kind` is that of its incidents, `thread` the name of its thread."""
        self._kind = kind
        self._thread = thread
        self._look = look
        self._recorder = recorder
        self._clock = clock

    def resume(self, unresolved: List[Incident]) -> None:
        """Hand every open incident of its kind back to its camera's policy; where nothing looks there any
        more, it is over."""
        for incident in unresolved:
            if incident.kind is not self._kind:
                continue
            if self._look is None or not self._look.resume(incident):
                self._recorder.record(incident.resolve(self._clock.now(), 0.0), None)

    def resume_dismissed(self, dismissals: List[Change]) -> None:
        """What was dismissed last on a camera, and when, so that a restart does not tell it all again."""
        now = self._clock.moment()
        for change in dismissals:
            if change.incident.kind is self._kind and self._look is not None:
                ago_s = max(0.0, (now.utc - change.at).total_seconds())
                self._look.resume_dismissed(change.incident, now.plus(-ago_s))

    def start(self, supervisor: Supervisor) -> None:
        """Start the thread, where there is anything to look for."""
        if self._look is not None:
            supervisor.start(self._thread, self._look.run)

    def renew(self) -> None:
        """Look with networks made anew from now on, such as those that run a new engine."""
        if self._look is not None:
            self._look.renew()

    @property
    def wanted(self) -> bool:
        """Whether any camera asks for it."""
        return self._look is not None

    @property
    def models(self) -> Sequence[ModelInfo]:
        """The networks that look; none while nobody looks."""
        return () if self._look is None else self._look.models

    @property
    def tried(self) -> bool:
        """Whether they were loaded, or it turned out that they cannot be."""
        return self._look is not None and self._look.tried.is_set()

    def judge(self, incident: Incident, word: Callable[[Incident], Change]) -> Optional[Change]:
        """See agent.desk.judge.Holder."""
        return None if self._look is None else self._look.judge(incident, word)
