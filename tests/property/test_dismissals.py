"""Whatever is seen and whatever people press, a dismissal neither floods nor mutes fire."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import List, Optional, Tuple

from hypothesis import given
from hypothesis import strategies as st

from agent.domain.evidence import FireScores
from agent.domain.incident import Change, IllegalTransitionError, Kind, Transition
from agent.domain.moment import Moment
from agent.domain.policy.fire import FirePolicy
from agent.domain.policy.settings import FirePolicySettings
from tests.fakes.looks import at, scores
from tests.property.test_fire_policy import settings

Step = Tuple[float, float, float, str]
"""Danger, the share of flames in it, seconds since the look before, and what a person presses after it."""

probabilities = st.floats(0, 1)
steps = st.lists(
    st.tuples(
        probabilities,
        probabilities,
        st.floats(0.01, 30),
        st.sampled_from(["", "", "", "acknowledge", "dismiss", "dismiss"]),
    ),
    max_size=120,
)
again = st.floats(1, 600)


@dataclass
class Seen:
    """One look: when, how dangerous the policy found the camera, and what came of it."""

    at: Moment
    danger: float
    changes: List[Change]
    pressed: Optional[Change]


class Camera:
    """A policy under looks and presses."""

    def __init__(self, config: FirePolicySettings) -> None:
        ids = (f"i{n}" for n in itertools.count(1))
        self.policy = FirePolicy("gate", config, lambda: next(ids))
        self.now = 0.0
        self.seen: List[Seen] = []

    def play(self, script: List[Step]) -> None:
        for danger, share, gap, press in script:
            self.now += gap
            here = at(self.now)
            changes = self.policy.look(scores(danger, share), here)
            self.seen.append(Seen(here, self.policy.danger, changes, self._press(press, here)))

    def _press(self, press: str, here: Moment) -> Optional[Change]:
        incident = self.policy.incident
        if not press or incident is None:
            return None
        try:
            return self.policy.judge(
                incident.id,
                lambda one: (
                    one.dismiss(here.utc, "anna") if press == "dismiss" else one.acknowledge(here.utc, "anna")
                ),
                here,
            )
        except IllegalTransitionError:
            return None


@given(settings(), again, steps)
def test_every_incident_counts_its_changes_whoever_makes_them(
    config: FirePolicySettings, again_s: float, script: List[Step]
) -> None:
    camera = Camera(_with(config, again_s))
    camera.play(script)
    last: dict[str, int] = {}
    for look in camera.seen:
        for change in [*look.changes, *([look.pressed] if look.pressed else [])]:
            incident = change.incident
            assert incident.sequence == last.get(incident.id, 0) + 1
            last[incident.id] = incident.sequence


@given(settings(), again, steps)
def test_nothing_opens_after_a_dismissal_without_calm_or_worse_or_time(
    config: FirePolicySettings, again_s: float, script: List[Step]
) -> None:
    config = _with(config, again_s)
    camera = Camera(config)
    camera.play(script)
    dismissed: Optional[Tuple[Change, Moment]] = None
    calm_since: Optional[Moment] = None
    was_calm = False
    for look in camera.seen:
        if dismissed is not None:
            calm_since = (calm_since or look.at) if look.danger < config.close_below else None
            was_calm = was_calm or (
                calm_since is not None and look.at.since(calm_since) >= config.resolve_after_s
            )
        for change in look.changes:
            if change.transition is Transition.OPENED and dismissed is not None:
                told, when = dismissed
                worse = change.incident.kind is Kind.FIRE and told.incident.kind is not Kind.FIRE
                assert worse or was_calm or look.at.since(when) >= config.dismissed_again_after_s
            if change.transition is Transition.OPENED:
                dismissed = None
        if look.pressed is not None and look.pressed.transition is Transition.DISMISSED:
            dismissed, calm_since, was_calm = (look.pressed, look.at), None, False


@given(settings(), again, steps, st.booleans())
def test_nobody_can_mute_fire(
    config: FirePolicySettings, again_s: float, script: List[Step], restarted: bool
) -> None:
    """Flames that go on are an open fire within `dismissed_again_after_s` and what confirming takes."""
    config = _with(config, again_s)
    camera = Camera(config)
    camera.play(script)
    if restarted:
        camera = _restarted(camera, config)
    looks_needed = config.needed + int(config.half_life_s * 10 / 0.1) + 1
    gap = min(0.1, config.stale_after_s)
    flames = FireScores(1.0, 0.0, 0.0)
    deadline = camera.now + again_s + looks_needed * gap
    # A few looks, the wait, and a few more: what happens at each look in between is the same.
    for moment in [
        *(camera.now + gap * n for n in range(1, looks_needed)),
        *(deadline - looks_needed * gap + gap * n for n in range(looks_needed + 1)),
    ]:
        camera.policy.look(flames, at(moment))
    assert camera.policy.incident is not None
    assert camera.policy.incident.kind is Kind.FIRE


def _restarted(camera: Camera, config: FirePolicySettings) -> Camera:
    """A new run that knows from the journal what was open, or what was dismissed last."""
    after = Camera(config)
    after.now = camera.now
    if camera.policy.incident is not None:
        after.policy.resume(camera.policy.incident, at(camera.now))
        return after
    for look in reversed(camera.seen):
        if look.pressed is not None and look.pressed.transition is Transition.DISMISSED:
            after.policy.resume_dismissed(look.pressed.incident, look.at)
            break
        if look.changes:
            break
    return after


def _with(config: FirePolicySettings, again_s: float) -> FirePolicySettings:
    return FirePolicySettings(**{**vars(config), "dismissed_again_after_s": again_s})
