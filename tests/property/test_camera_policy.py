"""Whatever happens to a camera, in whatever order, its policy keeps its promises."""

from __future__ import annotations

import itertools
from typing import List, Optional, Tuple

from hypothesis import given
from hypothesis import strategies as st

from agent.domain.camera import Blindness, CameraState, Quality
from agent.domain.incident import Change, Transition
from agent.domain.policy.camera import CameraPolicy, Verdict
from agent.domain.policy.settings import CameraPolicySettings
from tests.fakes.looks import at

Step = Tuple[float, str, Quality, bool]
SEES = (CameraState.ONLINE, CameraState.DEGRADED)

qualities = st.builds(Quality, st.one_of(st.none(), st.sampled_from(Blindness)), st.booleans())
steps = st.tuples(
    st.one_of(st.floats(0.01, 1), st.floats(0.01, 40)),
    st.sampled_from(["picture", "picture", "picture", "tick", "lost", "opened"]),
    qualities,
    st.booleans(),
)
scripts = st.lists(steps, max_size=120)
settings = st.builds(
    CameraPolicySettings,
    blind_after_s=st.floats(0.5, 20),
    incident_after_s=st.floats(0, 30),
    recover_after_s=st.floats(0, 30),
)


class Played:
    """A policy that went through a script, looked at after every step."""

    def __init__(self, config: CameraPolicySettings) -> None:
        ids = (f"i{n}" for n in itertools.count(1))
        self.config = config
        self.policy = CameraPolicy("gate", config, lambda: next(ids), at(0))
        self.now = 0.0
        self.usable = 0.0
        self.changes: List[Change] = []

    def step(self, step: Step) -> Verdict:
        gap, name, quality, stalled = step
        self.now += gap
        if name == "picture":
            verdict = self.policy.picture(at(self.now), quality, 5.0)
            self.usable = self.now if quality.blindness is None else self.usable
        elif name == "lost":
            verdict = self.policy.lost(at(self.now), stalled, "disconnected")
        elif name == "opened":
            verdict = self.policy.opened(at(self.now))
        else:
            verdict = self.policy.tick(at(self.now), 5.0)
        if verdict.change is not None:
            self.changes.append(verdict.change)
        return verdict

    @property
    def state(self) -> Optional[CameraState]:
        return None if self.policy.status is None else self.policy.status.state


@given(settings, scripts)
def test_a_camera_never_passes_for_seeing_without_a_recent_usable_picture(
    config: CameraPolicySettings, script: List[Step]
) -> None:
    played = Played(config)
    for step in script:
        verdict = played.step(step)
        if at(played.now).since(at(played.usable)) >= config.blind_after_s:
            assert played.state not in SEES
            assert played.state is not None
            assert verdict.status is None or verdict.status.state not in SEES


@given(settings, scripts)
def test_there_is_one_incident_at_a_time_and_it_counts_its_changes(
    config: CameraPolicySettings, script: List[Step]
) -> None:
    played = Played(config)
    for step in script:
        played.step(step)
    unresolved = None
    for change in played.changes:
        if unresolved is None:
            assert change.transition is Transition.OPENED
            assert change.incident.sequence == 1
        else:
            assert change.incident.id == unresolved.id
            assert change.incident.sequence == unresolved.sequence + 1
        unresolved = None if change.incident.state.closed else change.incident
    assert unresolved == played.policy.incident


@given(settings, scripts)
def test_an_incident_means_that_it_does_not_see(config: CameraPolicySettings, script: List[Step]) -> None:
    played = Played(config)
    for step in script:
        played.step(step)
        assert played.policy.incident is None or played.state not in SEES


@given(settings, scripts)
def test_good_pictures_that_last_end_every_trouble(config: CameraPolicySettings, script: List[Step]) -> None:
    played = Played(config)
    for step in script:
        played.step(step)
    for _ in range(80):
        played.step((0.4, "picture", Quality(), False))
    assert played.state in SEES
    assert played.policy.incident is None


@given(settings, scripts)
def test_a_lasting_blindness_always_becomes_an_incident(
    config: CameraPolicySettings, script: List[Step]
) -> None:
    played = Played(config)
    for step in script:
        played.step(step)
    for _ in range(110):
        played.step((0.5, "tick", Quality(), False))
    assert played.policy.incident is not None


@given(settings, scripts)
def test_only_news_is_told(config: CameraPolicySettings, script: List[Step]) -> None:
    played = Played(config)
    last: Optional[Tuple[CameraState, Optional[str]]] = None
    for step in script:
        status = played.step(step).status
        if status is not None:
            assert (status.state, status.reason) != last
            last = (status.state, status.reason)
