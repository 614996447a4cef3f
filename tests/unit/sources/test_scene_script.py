"""The story's timeline."""

from __future__ import annotations

import pytest

from agent.sources.scene import Blaze, Phase, SceneScript

SCRIPT = SceneScript(calm_s=4, smoke_s=6, flame_s=5, fire_s=20, out_s=15)
NOTHING = Blaze(0.0, 0.0, 0.0)


def test_the_phases_follow_one_another() -> None:
    assert (SCRIPT.smoke_at, SCRIPT.flame_at, SCRIPT.fire_at, SCRIPT.out_at, SCRIPT.end_s) == (
        4,
        10,
        15,
        35,
        50,
    )


@pytest.mark.parametrize(
    ("media_s", "phase"),
    [
        (0.0, Phase.CALM),
        (3.99, Phase.CALM),
        (4.0, Phase.SMOKE),
        (10.0, Phase.FLAME),
        (15.0, Phase.FIRE),
        (34.9, Phase.FIRE),
        (35.0, Phase.OUT),
        (60.0, Phase.OUT),
    ],
)
def test_a_phase_begins_at_its_time(media_s: float, phase: Phase) -> None:
    assert SCRIPT.phase(media_s) is phase


def test_a_phase_of_no_length_is_left_out() -> None:
    script = SceneScript(calm_s=2, smoke_s=0, flame_s=0, fire_s=10, out_s=0)
    assert [script.phase(at) for at in (1.0, 2.0, 13.0)] == [Phase.CALM, Phase.FIRE, Phase.FIRE]
    assert script.blaze(11.0) == Blaze(1.0, 0.0, 1.0)


def test_nothing_burns_while_it_is_calm() -> None:
    assert SCRIPT.blaze(0.0) == SCRIPT.blaze(4.0) == NOTHING


def test_smoke_comes_before_the_flame_and_the_flame_before_the_fire() -> None:
    smoking, flaming, burning = SCRIPT.blaze(9.9), SCRIPT.blaze(14.9), SCRIPT.blaze(34.0)
    assert smoking == Blaze(1.0, 0.0, 0.0)
    assert flaming == Blaze(1.0, 1.0, 0.0)
    assert burning == Blaze(1.0, 1.0, 1.0)


def test_what_burns_only_grows_until_it_is_put_out() -> None:
    blazes = [SCRIPT.blaze(tenth / 10) for tenth in range(350)]
    for before, after in zip(blazes, blazes[1:]):
        assert after.smoke >= before.smoke
        assert after.flame >= before.flame
        assert after.fire >= before.fire


def test_the_flames_die_before_the_smoke_clears() -> None:
    dying = SCRIPT.blaze(SCRIPT.out_at + 4.0)
    assert dying.fire == dying.flame == 0.0
    assert 0.0 < dying.smoke < 1.0
    assert SCRIPT.calm_again_at < SCRIPT.end_s
    assert SCRIPT.blaze(SCRIPT.calm_again_at) == NOTHING


def test_a_fire_put_out_early_dies_from_where_it_was() -> None:
    script = SceneScript(calm_s=1, smoke_s=0, flame_s=0, fire_s=1, out_s=9)
    assert 0.0 < script.blaze(2.0).fire < 1.0
    assert script.blaze(2.0).fire == pytest.approx(script.blaze(1.9999).fire, abs=0.001)
    assert script.blaze(3.0).fire < script.blaze(2.0).fire


def test_a_story_that_stays_calm_stays_calm() -> None:
    script = SceneScript(calm_s=5, smoke_s=0, flame_s=0, fire_s=0, out_s=5)
    assert all(script.blaze(at) == NOTHING for at in (0.0, 4.9, 5.0, 7.0, 10.0))
