"""After a dismissal: no flood, and no way to mute fire."""

from __future__ import annotations

from dataclasses import replace
from typing import List, Tuple

import pytest

from agent.domain.evidence import FireScores
from agent.domain.incident import Change, IllegalTransitionError, Incident, Kind, State
from agent.domain.policy.fire import FirePolicy
from agent.domain.policy.settings import FirePolicySettings
from tests.fakes.looks import CALM, FLAMES, SMOKE, at, scores
from tests.unit.domain.test_fire_policy import SETTINGS, STEP_S, play, policy, story

AGAIN_S = 60.0
PATIENT = replace(SETTINGS, dismissed_again_after_s=AGAIN_S, cooldown_s=0.0)
GREY_AREA = scores(0.45)  # between close_below and open_above


def dismissed(look: FireScores, settings: FirePolicySettings = PATIENT) -> FirePolicy:
    """A camera whose incident was dismissed at 2 s, while it looked so."""
    p = policy(settings)
    play(p, [(look, 2)])
    change = dismiss(p, "i1", 2.0)
    assert change.incident.state is State.DISMISSED
    return p


def dismiss(p: FirePolicy, incident: str, seconds: float) -> Change:
    change = p.judge(incident, lambda one: one.dismiss(at(seconds).utc, "anna"), at(seconds))
    assert change is not None
    return change


Script = List[Tuple[FireScores, float]]


@pytest.mark.parametrize(
    ("first", "then", "told"),
    [
        # Nothing comes back at the next look, nor while it burns on.
        (SMOKE, [(SMOKE, 50)], []),
        (FLAMES, [(FLAMES, 50)], []),
        (FLAMES, [(SMOKE, 50)], []),
        # Flicker is no calm, and neither is doubt.
        (SMOKE, [(CALM, 3), (SMOKE, 20)], []),
        (SMOKE, [(GREY_AREA, 20), (SMOKE, 20)], []),
        # It was calm for long enough.
        (SMOKE, [(CALM, 7), (SMOKE, 3)], [("i2", "start-fire", "opened")]),
        (FLAMES, [(CALM, 7), (FLAMES, 3)], [("i2", "fire", "opened")]),
        (FLAMES, [(CALM, 7), (SMOKE, 3)], [("i2", "start-fire", "opened")]),
        # It got worse.
        (SMOKE, [(SMOKE, 3), (FLAMES, 2)], [("i2", "fire", "opened")]),
        # It burns on for a long time.
        (SMOKE, [(SMOKE, 58.5)], [("i2", "start-fire", "opened")]),
        (FLAMES, [(FLAMES, 58.5)], [("i2", "fire", "opened")]),
        (FLAMES, [(CALM, 2), (FLAMES, 56.5)], [("i2", "fire", "opened")]),
        # It died down and stays so.
        (FLAMES, [(CALM, 100)], []),
    ],
)
def test_what_comes_after_a_dismissal(first: FireScores, then: Script, told: List[object]) -> None:
    assert story(play(dismissed(first), then, start_s=4.0)) == told


def test_a_dismissed_fire_is_told_again_exactly_when_it_was_promised() -> None:
    p = dismissed(FLAMES)
    assert play(p, [(FLAMES, AGAIN_S - 2 * STEP_S)], start_s=2.0 + STEP_S) == []
    (change,) = play(p, [(FLAMES, STEP_S)], start_s=2.0 + AGAIN_S)
    assert change.incident.kind is Kind.FIRE


def test_a_dismissed_start_fire_that_burns_on_does_not_wait_for_a_longer_cool_down() -> None:
    p = dismissed(SMOKE, replace(PATIENT, cooldown_s=1000.0))
    assert story(play(p, [(SMOKE, 60)], start_s=4.0)) == [("i2", "start-fire", "opened")]


def test_the_cool_down_counts_from_the_dismissal() -> None:
    p = dismissed(SMOKE, replace(PATIENT, cooldown_s=20.0))
    assert play(p, [(CALM, 7), (SMOKE, 8)], start_s=4.0) == []
    assert story(play(p, [(SMOKE, 4)], start_s=21.0)) == [("i2", "start-fire", "opened")]


def test_a_camera_that_was_away_for_long_enough_starts_afresh() -> None:
    assert story(play(dismissed(FLAMES), [(FLAMES, 2)], start_s=500.0)) == [("i2", "fire", "opened")]


def test_a_look_from_before_the_dismissal_does_not_reopen() -> None:
    p = dismissed(FLAMES)
    assert p.look(FLAMES, at(1.9)) == []


def test_what_was_dismissed_may_be_dismissed_again() -> None:
    p = dismissed(FLAMES)
    (again,) = play(p, [(FLAMES, 60)], start_s=4.0)
    dismiss(p, again.incident.id, 64.0)
    assert play(p, [(FLAMES, 50)], start_s=64.2) == []


def test_an_acknowledged_incident_goes_on() -> None:
    p = policy(replace(SETTINGS, renotify_s=10.0))
    play(p, [(SMOKE, 2)])
    change = p.judge("i1", lambda one: one.acknowledge(at(2).utc, "anna"), at(2))
    assert change is not None
    assert change.incident.sequence == 2
    changes = play(p, [(SMOKE, 10), (FLAMES, 2), (CALM, 10)], start_s=2.2)
    assert [(c.transition.value, c.incident.state.value) for c in changes] == [
        ("updated", "acknowledged"),
        ("escalated", "open"),
        ("resolved", "resolved"),
    ]
    assert [c.incident.sequence for c in changes] == [3, 4, 5]


def test_a_word_on_another_incident_is_not_its_business() -> None:
    p = policy()
    assert p.judge("i1", lambda one: one.dismiss(at(0).utc, "anna"), at(0)) is None
    play(p, [(FLAMES, 2)])
    assert p.judge("other", lambda one: one.dismiss(at(2).utc, "anna"), at(2)) is None
    assert p.incident is not None


def test_a_word_that_is_refused_changes_nothing() -> None:
    p = policy()
    play(p, [(FLAMES, 2)])
    p.judge("i1", lambda one: one.acknowledge(at(2).utc, "anna"), at(2))
    before = p.incident
    with pytest.raises(IllegalTransitionError):
        p.judge("i1", lambda one: one.acknowledge(at(2).utc, "bob"), at(2))
    assert p.incident is before


def resumed(kind: Kind) -> FirePolicy:
    """A camera whose incident was dismissed a second before a restart at 100 s."""
    p = policy(PATIENT)
    earlier = Incident.open("old", "gate", kind, at(0).utc, 0.8).incident.dismiss(at(99).utc, "anna")
    p.resume_dismissed(earlier.incident, at(99))
    return p


@pytest.mark.parametrize(
    ("kind", "then", "told"),
    [
        (Kind.FIRE, [(FLAMES, 50)], []),
        (Kind.START_FIRE, [(SMOKE, 50)], []),
        (Kind.START_FIRE, [(FLAMES, 2)], [("i1", "fire", "opened")]),
        (Kind.FIRE, [(FLAMES, 62)], [("i1", "fire", "opened")]),
        # Nobody saw whether it was calm meanwhile: a calm look is enough.
        (Kind.FIRE, [(CALM, STEP_S), (FLAMES, 3)], [("i1", "fire", "opened")]),
    ],
)
def test_a_dismissal_is_remembered_over_a_restart(kind: Kind, then: Script, told: List[object]) -> None:
    assert story(play(resumed(kind), then, start_s=100.0)) == told
