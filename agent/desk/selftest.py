"""The self-test: a rendered fire goes the whole way of an alert, marked as a drill, and each hop is told."""

from __future__ import annotations

import threading
from typing import Callable, Iterator, List, Optional, Sequence

from typing_extensions import Protocol

from agent.controls import BusyError, Hop
from agent.desk.judge import Judge
from agent.domain.evidence import FireScores, ModelInfo
from agent.domain.incident import Change, Incident
from agent.domain.moment import Moment
from agent.domain.policy.fire import FirePolicy
from agent.domain.policy.settings import FirePolicySettings
from agent.errors import InferenceError
from agent.pipeline.record import Recorder
from agent.ports import Clock, Frame, Picture
from agent.sources.scene import SceneScript
from agent.sources.scene.stage import Stage
from agent.store.history import History, Told
from agent.store.schema import DeliveryState

_SEED, _WIDTH, _HEIGHT = 1, 640, 360
_SCRIPT = SceneScript(calm_s=4.0, smoke_s=6.0, flame_s=6.0, fire_s=20.0, out_s=0.0)
_BURNS_AT_S = (20.0, 22.0, 24.0)
"""Media times at which the rendered fire has grown: the same pictures at every self-test."""

_LOOKS_APART_S = 0.2
_TOLD_WITHIN_S = 20.0
_GLANCE_S = 0.05


class Looker(Protocol):
    """What the self-test needs of the watching; see agent.assembly.watching.Watching."""

    @property
    def model(self) -> ModelInfo: ...

    @property
    def policy_settings(self) -> FirePolicySettings: ...

    def look(self, pictures: Sequence[Picture]) -> List[FireScores]: ...


class SelfTest:
    """One at a time; the drill is told as if `camera` had seen it."""

    def __init__(
        self,
        camera: str,
        looker: Looker,
        recorder: Recorder,
        history: History,
        judge: Judge,
        new_id: Callable[[], str],
        clock: Clock,
    ) -> None:
        self._camera = camera
        self._looker = looker
        self._recorder = recorder
        self._history = history
        self._judge = judge
        self._new_id = new_id
        self._clock = clock
        self._running = threading.Lock()

    def run(self, actor: str, closing: threading.Event) -> Iterator[Hop]:
        """See agent.controls.Controls; BusyError where one runs already. Stops waiting once `closing`.

        The drill is over when the iterator is exhausted or closed.
        """
        if not self._running.acquire(blocking=False):
            raise BusyError("a self-test runs already: wait for its end")
        try:
            yield from self._hops(actor, closing)
        finally:
            self._running.release()

    def _hops(self, actor: str, closing: threading.Event) -> Iterator[Hop]:
        watch = _StopWatch(self._clock)
        pictures = rendered_fire()
        yield Hop("picture", True, watch.ms(), f"{len(pictures)} rendered, {_WIDTH} x {_HEIGHT}")

        watch = _StopWatch(self._clock)
        scores: List[FireScores] = []
        try:
            scores = self._looker.look(pictures)
        except (InferenceError, BusyError) as error:
            yield Hop("look", False, watch.ms(), str(error))
        else:
            yield self._looked(scores, watch)

        watch = _StopWatch(self._clock)
        yield self._confirmed(scores, watch)

        change = Incident.rehearse(
            self._new_id(),
            self._camera,
            self._clock.now(),
            max((one.danger for one in scores), default=0.0),
            actor=actor,
            model=self._looker.model,
        )
        try:
            yield self._recorded(change, pictures[0])
            yield from self._told(change, closing)
        finally:
            self._judge.end_drill(change.incident.id)

    def _looked(self, scores: List[FireScores], watch: _StopWatch) -> Hop:
        least = min(one.danger for one in scores)
        sees = least >= self._looker.policy_settings.open_above
        return Hop("look", sees, watch.ms(), f"danger {least:.2f} or more on {len(scores)} pictures")

    def _confirmed(self, scores: List[FireScores], watch: _StopWatch) -> Hop:
        """Whether looks like these, again and again, open an incident under the settings in force."""
        settings = self._looker.policy_settings
        policy = FirePolicy(self._camera, settings, lambda: "drill")
        at = self._clock.moment()
        enough = settings.window + round(10 * settings.half_life_s / _LOOKS_APART_S) if scores else 0
        for number in range(enough):
            looked = scores[number % len(scores)]
            for opened in policy.look(looked, _after(at, number)):
                detail = f"{opened.incident.kind.value} after {number + 1} looks"
                return Hop("confirm", True, watch.ms(), detail)
        return Hop("confirm", False, watch.ms(), f"no incident after {enough} looks")

    def _recorded(self, change: Change, picture: Picture) -> Hop:
        watch = _StopWatch(self._clock)
        self._recorder.record(change, Frame(self._camera, picture, self._clock.moment(), 0.0, 0))
        past = self._history.get(change.incident.id)
        if past is None:
            return Hop("record", False, watch.ms(), "the database does not take it; see the log")
        if past.changes[0].snapshot is None:
            return Hop("record", False, watch.ms(), "stored without its picture; see the log")
        return Hop("record", True, watch.ms(), f"incident {change.incident.id}")

    def _told(self, change: Change, closing: threading.Event) -> Iterator[Hop]:
        """One hop per sink, as each is told or is known never to be."""
        watch = _StopWatch(self._clock)
        reported = set()
        while True:
            told = self._deliveries(change)
            late = watch.ms() >= _TOLD_WITHIN_S * 1000
            for one in told:
                settled = one.state is not DeliveryState.PENDING
                if one.sink not in reported and (settled or late):
                    reported.add(one.sink)
                    yield _told_hop(one, watch.ms())
            if len(reported) == len(told):
                return
            if self._clock.wait(closing, _GLANCE_S):
                raise BusyError("the agent stops: the self-test ends here")

    def _deliveries(self, change: Change) -> List[Told]:
        past = self._history.get(change.incident.id)
        return [] if past is None else past.changes[0].told


def rendered_fire() -> List[Picture]:
    """The same burning street every time (H x W x 3, BGR)."""
    stage = Stage(_SEED, _WIDTH, _HEIGHT, _SCRIPT)
    return [stage.render(media_s) for media_s in _BURNS_AT_S]


class _StopWatch:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.monotonic()

    def ms(self) -> float:
        return (self._clock.monotonic() - self._began) * 1000


def _after(at: Moment, looks: int) -> Moment:
    return at.plus(looks * _LOOKS_APART_S)


def _told_hop(told: Told, took_ms: float) -> Hop:
    step = f"tell:{told.sink}"
    if told.state is DeliveryState.DONE:
        return Hop(step, True, took_ms)
    why: Optional[str] = told.last_error
    if told.state is DeliveryState.PENDING:
        return Hop(step, False, took_ms, f"not yet: {why or 'others go first'}")
    return Hop(step, False, took_ms, f"{told.state.value}: {why or 'given up'}")
