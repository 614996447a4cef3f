from __future__ import annotations

import itertools
from typing import Iterable, List, Tuple

from agent.domain.evidence import FireScores
from agent.domain.incident import Change, Incident, Kind, Transition
from agent.domain.policy.fire import FirePolicy
from agent.domain.policy.settings import FirePolicySettings
from tests.fakes.looks import CALM, FLAMES, SMOKE, at, scores

STEP_S = 0.2
SETTINGS = FirePolicySettings(
    open_above=0.6,
    close_below=0.3,
    fire_above=0.5,
    needed=4,
    window=6,
    half_life_s=0.4,
    resolve_after_s=5.0,
    renotify_s=10.0,
    cooldown_s=30.0,
    stale_after_s=8.0,
)


def policy(settings: FirePolicySettings = SETTINGS) -> FirePolicy:
    ids = (f"i{n}" for n in itertools.count(1))
    return FirePolicy("gate", settings, lambda: next(ids))


def play(p: FirePolicy, script: Iterable[Tuple[FireScores, float]], start_s: float = 0.0) -> List[Change]:
    """Look every STEP_S through (scores, for how many seconds) pairs."""
    changes: List[Change] = []
    looks = [s for s, seconds in script for _ in range(round(seconds / STEP_S))]
    for n, look in enumerate(looks):
        changes += p.look(look, at(start_s + n * STEP_S))
    return changes


def story(changes: List[Change]) -> List[Tuple[str, str, str]]:
    return [(c.incident.id, c.incident.kind.value, c.transition.value) for c in changes]


def test_a_single_bright_look_is_not_a_fire() -> None:
    assert play(policy(), [(CALM, 2), (FLAMES, STEP_S), (CALM, 2)]) == []


def test_start_fire_opens_escalates_and_resolves_as_one_incident() -> None:
    changes = play(policy(), [(CALM, 2), (SMOKE, 4), (FLAMES, 4), (CALM, 10)])
    assert story(changes) == [
        ("i1", "start-fire", "opened"),
        ("i1", "fire", "escalated"),
        ("i1", "fire", "resolved"),
    ]
    assert [c.incident.sequence for c in changes] == [1, 2, 3]


def test_flames_at_once_open_as_fire() -> None:
    assert story(play(policy(), [(CALM, 2), (FLAMES, 2)])) == [("i1", "fire", "opened")]


def test_first_seen_is_the_first_look_that_said_danger() -> None:
    (opened,) = play(policy(), [(CALM, 2), (SMOKE, 2)])
    assert opened.incident.first_seen == at(2.0).utc
    assert opened.at > opened.incident.first_seen


def test_flicker_around_the_close_threshold_does_not_resolve() -> None:
    flicker = [(scores(0.05), 0.4), (SMOKE, 0.4)] * 20
    changes = play(policy(), [(SMOKE, 2), *flicker])
    assert story(changes)[0] == ("i1", "start-fire", "opened")
    assert all(c.transition is Transition.UPDATED for c in changes[1:])


def test_it_is_told_again_while_it_burns() -> None:
    changes = play(policy(), [(FLAMES, 35)])
    assert [c.transition.value for c in changes] == ["opened", "updated", "updated", "updated"]


def test_it_is_not_told_again_while_it_goes_quiet() -> None:
    settings = FirePolicySettings(resolve_after_s=30.0, renotify_s=2.0, close_below=0.3, half_life_s=0.1)
    changes = play(policy(settings), [(FLAMES, 1.9), (CALM, 20)])
    assert [c.transition.value for c in changes] == ["opened"]


def test_a_recurring_start_fire_waits_for_the_cool_down() -> None:
    p = policy()
    play(p, [(SMOKE, 2), (CALM, 8)])
    assert play(p, [(SMOKE, 10)], start_s=10) == []
    assert story(play(p, [(SMOKE, 25)], start_s=20))[0] == ("i2", "start-fire", "opened")


def test_fire_never_waits_for_the_cool_down() -> None:
    p = policy()
    play(p, [(SMOKE, 2), (CALM, 8)])
    assert story(play(p, [(FLAMES, 2)], start_s=10)) == [("i2", "fire", "opened")]


def test_votes_from_before_a_gap_do_not_count() -> None:
    p = policy()
    assert play(p, [(FLAMES, 3 * STEP_S)]) == []
    assert play(p, [(FLAMES, 3 * STEP_S)], start_s=60) == []


def test_a_gap_without_looks_does_not_resolve_a_fire() -> None:
    p = policy()
    play(p, [(FLAMES, 3), (CALM, 2)])
    assert play(p, [(CALM, 4)], start_s=100) == []
    assert p.incident is not None


def test_an_incident_of_an_earlier_run_goes_on() -> None:
    p = policy()
    earlier = Incident.open("old", "gate", Kind.START_FIRE, at(0).utc, 0.8).incident
    p.resume(earlier, at(100))
    changes = play(p, [(FLAMES, 2), (CALM, 8)], start_s=100)
    assert story(changes) == [("old", "fire", "escalated"), ("old", "fire", "resolved")]
    assert [c.incident.sequence for c in changes] == [2, 3]


def test_the_confidence_is_the_smoothed_danger() -> None:
    p = policy()
    (opened,) = play(p, [(FLAMES, 2)])
    assert opened.incident.confidence <= 0.97
    assert abs(p.danger - 0.97) < 1e-9
