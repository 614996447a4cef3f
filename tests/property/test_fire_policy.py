"""Whatever the looks, the fire policy keeps its promises."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import List, Optional, Tuple

from hypothesis import given
from hypothesis import strategies as st

from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.domain.evidence import HEAT, FireScores
from agent.domain.incident import Change, Kind, State, Transition
from agent.domain.policy.fire import FirePolicy
from agent.domain.policy.settings import FirePolicySettings
from tests.fakes.looks import at, scores

probabilities = st.floats(0, 1)
looks = st.lists(st.tuples(probabilities, probabilities, st.floats(0.01, 30)), max_size=120)


@st.composite
def settings(draw: st.DrawFn) -> FirePolicySettings:
    window = draw(st.integers(1, 12))
    open_above = draw(st.floats(0.2, 0.95))
    return FirePolicySettings(
        open_above=open_above,
        close_below=draw(st.floats(0.05, 1)) * open_above,
        fire_above=draw(st.floats(0.2, 0.95)),
        needed=draw(st.integers(1, window)),
        window=window,
        half_life_s=draw(st.floats(0.05, 10)),
        resolve_after_s=draw(st.floats(0.1, 60)),
        renotify_s=draw(st.floats(0.1, 120)),
        cooldown_s=draw(st.floats(0, 300)),
        stale_after_s=draw(st.floats(0.5, 60)),
    )


def run(config: FirePolicySettings, script: List[Tuple[float, float, float]]) -> List[Change]:
    ids = (f"i{n}" for n in itertools.count(1))
    policy = FirePolicy("gate", config, lambda: next(ids))
    changes: List[Change] = []
    now = 0.0
    for danger, share, gap in script:
        now += gap
        changes += policy.look(scores(danger, share), at(now))
    return changes


@given(settings(), looks)
def test_incidents_come_one_after_the_other_and_count_their_changes(
    config: FirePolicySettings, script: List[Tuple[float, float, float]]
) -> None:
    unresolved = None
    for change in run(config, script):
        if unresolved is None:
            assert change.transition is Transition.OPENED
            assert change.incident.sequence == 1
        else:
            assert change.transition is not Transition.OPENED
            assert change.incident.id == unresolved.id
            assert change.incident.sequence == unresolved.sequence + 1
            assert change.incident.peak >= unresolved.peak
        unresolved = None if change.incident.state.closed else change.incident


@given(settings(), looks)
def test_a_fire_never_becomes_less_than_a_fire(
    config: FirePolicySettings, script: List[Tuple[float, float, float]]
) -> None:
    fires = set()
    for change in run(config, script):
        if change.incident.kind is Kind.FIRE:
            fires.add(change.incident.id)
        assert change.incident.id not in fires or change.incident.kind is Kind.FIRE


@given(settings(), st.lists(st.tuples(st.floats(0, 0.999), probabilities, st.floats(0.01, 30)), max_size=80))
def test_looks_below_every_threshold_never_open(
    config: FirePolicySettings, script: List[Tuple[float, float, float]]
) -> None:
    low = min(config.open_above, config.fire_above)
    assert run(config, [(danger * low * 0.999, share, gap) for danger, share, gap in script]) == []


@given(settings(), st.floats(0.01, 0.4), st.integers(0, 60))
def test_clear_fire_is_told_after_the_votes_it_needs_whatever_came_before(
    config: FirePolicySettings, gap: float, calm_looks: int
) -> None:
    """From calm, certain flames open within the looks that confirmation and smoothing need, and no more."""
    calm = [(0.0, 0.0, gap)] * calm_looks
    smoothing_looks = int(config.half_life_s * 10 / gap) + 1
    script = calm + [(1.0, 1.0, gap)] * (config.needed + smoothing_looks)
    changes = run(config, script)
    assert changes
    assert changes[0].incident.kind is Kind.FIRE


@given(settings(), looks)
def test_fire_is_never_muted_by_the_cool_down(
    config: FirePolicySettings, script: List[Tuple[float, float, float]]
) -> None:
    """Whatever came before, certain flames are a fire within the looks that confirmation needs."""
    flames = FireScores(1.0, 0.0, 0.0)
    ids = (f"i{n}" for n in itertools.count(1))
    policy = FirePolicy("gate", config, lambda: next(ids))
    now = 0.0
    for danger, share, gap in script:
        now += gap
        policy.look(scores(danger, share), at(now))
    looks_needed = config.needed + int(config.half_life_s * 10 / 0.1) + 1
    for _ in range(looks_needed):
        now += 0.1
        policy.look(flames, at(now))
    assert policy.incident is not None
    assert policy.incident.kind is Kind.FIRE
    assert policy.incident.state is State.OPEN


@given(settings(), looks)
def test_more_danger_never_delays_the_first_alarm(
    config: FirePolicySettings, script: List[Tuple[float, float, float]]
) -> None:
    """Raising every look's danger (same flame share) opens the first incident no later."""
    raised = [(min(1.0, danger * 1.2 + 0.01), share, gap) for danger, share, gap in script]
    before = run(config, script)
    after = run(config, raised)
    if before:
        assert after
        assert after[0].at <= before[0].at


@given(settings(), st.lists(st.tuples(probabilities, probabilities, st.floats(0.05, 15), probabilities)))
def test_where_boxes_grow_or_not_fire_is_told_no_later_and_ends_no_sooner(
    config: FirePolicySettings, script: List[Tuple[float, float, float, float]]
) -> None:
    without, boxed = (FirePolicy("gate", config, lambda: "i") for _ in range(2))
    now = 0.0
    for danger, share, gap, area in script:
        now += gap
        seen = scores(danger, share)
        flames = (Detection("fire", 0.9, Box(0.0, 0.0, 1.0, area)),)
        without.look(seen, at(now))
        boxed.look(replace(seen, boxes=flames), at(now))
        if without.incident is not None and without.incident.kind is Kind.FIRE:
            assert boxed.incident is not None
            assert boxed.incident.kind is Kind.FIRE


@given(settings(), st.lists(st.tuples(st.floats(0.05, 15), probabilities), max_size=60))
def test_however_it_flickers_its_spread_is_told_a_few_times_only(
    config: FirePolicySettings, script: List[Tuple[float, float]]
) -> None:
    policy = FirePolicy("gate", replace(config, renotify_s=1e9, stale_after_s=60.0), lambda: "i")
    now, told = 0.0, 0
    for gap, area in script:
        now += gap
        flames = (Detection("fire", 0.9, Box(0.0, 0.0, 1.0, area)),)
        changes = policy.look(replace(scores(1.0, 1.0), boxes=flames), at(now))
        told += sum(change.transition is Transition.UPDATED for change in changes)
    assert told <= 9  # so often LEAST_AREA doubles before it is the whole picture


@given(
    settings(),
    st.lists(
        st.tuples(probabilities, probabilities, st.floats(0.05, 15), st.none() | probabilities, probabilities)
    ),
)
def test_the_heat_changes_nothing_but_where_it_burns(
    config: FirePolicySettings, script: List[Tuple[float, float, float, Optional[float], float]]
) -> None:
    plain, heated = (FirePolicy("gate", config, lambda: "i") for _ in range(2))
    now = 0.0
    for danger, share, gap, area, hot in script:
        now += gap
        flames = None if area is None else (Detection("fire", 0.9, Box(0.0, 0.0, 1.0, area)),)
        seen = replace(scores(danger, share), boxes=flames)
        heat = Detection(HEAT, danger, Box(0.0, 0.0, 1.0, hot))
        before, after = plain.look(seen, at(now)), heated.look(replace(seen, heat=heat), at(now))
        assert [without_places(change) for change in after] == [without_places(change) for change in before]


def without_places(change: Change) -> Change:
    extent = replace(change.incident.extent, boxes=())
    return replace(change, incident=replace(change.incident, extent=extent))
