"""The scene's building blocks: noise that tiles, a view in metres, flames and smoke."""

from __future__ import annotations

from typing import Tuple

import numpy as np
import pytest

from agent.sources.scene.flame import FlameField
from agent.sources.scene.noise import Field, Scrolling, field, fractal, smoothstep
from agent.sources.scene.smoke import SmokePlume
from agent.sources.scene.view import FAR, WALL, View


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def plane(left: float, right: float, low: float, high: float) -> Tuple[Field, Field]:
    """Metres aside and up for 60 x 60 pixels, the top row first."""
    x, y = np.meshgrid(np.linspace(left, right, 60), np.linspace(high, low, 60))
    return field(x), field(y)


def test_noise_is_between_0_and_1_and_goes_on_where_it_ends() -> None:
    noise = fractal(rng(), 96, 128, 4, 4)
    assert noise.shape == (96, 128)
    assert noise.min() >= 0.0
    assert noise.max() <= 1.0
    inside = np.abs(np.diff(noise, axis=1)).mean()
    assert np.abs(noise[:, 0] - noise[:, -1]).mean() < 2.0 * inside
    assert np.abs(noise[0] - noise[-1]).mean() < 2.0 * np.abs(np.diff(noise, axis=0)).mean()


def test_a_scrolling_texture_comes_round_again() -> None:
    texture = Scrolling(fractal(rng(), 64, 64, 4, 3))
    x, y = plane(-90.0, 90.0, -70.0, 70.0)
    once = texture.at(x, y, 3.0, 5.0)
    np.testing.assert_allclose(once, texture.at(x, y, 3.0 - 10 * 64, 5.0 + 7 * 64), atol=1e-5)
    assert np.abs(once - texture.at(x, y, 30.0, 5.0)).mean() > 0.05


def test_smoothstep_is_flat_outside_its_limits() -> None:
    values = smoothstep(1.0, 3.0, field(np.array([0.0, 1.0, 2.0, 3.0, 9.0])))
    np.testing.assert_allclose(values, [0.0, 0.0, 0.5, 1.0, 1.0])


def test_what_is_twice_as_far_looks_half_as_big() -> None:
    view = View(1280, 720)
    near, far = (
        float(np.linalg.norm(np.diff(view.project([(1.0, 0.0, z), (2.0, 0.0, z)]), axis=0)))
        for z in (10.0, 20.0)
    )
    assert near == pytest.approx(2.0 * far, rel=1e-4)
    assert near == pytest.approx(view.pixels_per_metre(10.0), rel=1e-4)


def test_a_ray_ends_on_the_road_on_a_house_or_at_the_end_of_the_street() -> None:
    view = View(320, 180)
    position, normal = view.surfaces(2)
    assert position.shape == normal.shape == (90, 160, 3)
    on_road, on_house, on_end = (normal[..., axis] != 0.0 for axis in (1, 0, 2))
    np.testing.assert_allclose(position[on_road][:, 1], 0.0, atol=1e-4)
    np.testing.assert_allclose(np.abs(position[on_house][:, 0]), WALL, atol=1e-4)
    np.testing.assert_allclose(position[on_end][:, 2], FAR, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(normal, axis=2), 1.0)


def test_a_surface_seen_in_a_pixel_projects_onto_that_pixel() -> None:
    view = View(320, 180)
    position, _ = view.surfaces(1)
    np.testing.assert_allclose(view.project([tuple(position[150, 40])])[0], (40.5, 150.5), atol=0.01)


def test_flames_stand_on_their_bed_and_move() -> None:
    flames, (x, y) = FlameField(rng()), plane(-6.0, 6.0, -2.0, 9.0)
    early, late = flames.burn(x, y, 2.0, 4.0, 10.0), flames.burn(x, y, 2.0, 4.0, 10.2)
    assert early.light.shape == (60, 60, 3)
    assert early.through.min() >= 0.0
    assert early.through.max() <= 1.0
    bright = early.light[..., 2]
    assert bright[(np.abs(x) < 1.5) & (y > 0.3) & (y < 1.5)].mean() > 0.5
    assert bright[(y < -1.5) | (np.abs(x) > 5.0)].max() == 0.0
    assert np.abs(late.light - early.light).max() > 0.5


def test_flames_are_redder_than_green_and_greener_than_blue() -> None:
    x, y = plane(-4.0, 4.0, -1.0, 7.0)
    light = FlameField(rng()).burn(x, y, 2.0, 4.0, 3.0).light
    assert np.all(light[..., 2] >= light[..., 1])
    assert np.all(light[..., 1] >= light[..., 0])


def test_a_higher_fire_reaches_higher() -> None:
    flames, (x, y) = FlameField(rng()), plane(-6.0, 6.0, -1.0, 9.0)

    def reach(height: float, time_s: float) -> float:
        return float(y[flames.burn(x, y, 2.0, height, time_s).light[..., 2] > 0.3].max())

    low, high = ([reach(height, time_s) for time_s in range(8)] for height in (1.0, 5.0))
    assert max(low) < 2.5
    assert min(high) > 2.0
    assert max(high) > 4.0


def test_smoke_rises_from_its_source_as_it_ages() -> None:
    plume, (x, y) = SmokePlume(rng(), 0.2), plane(-6.0, 6.0, -2.0, 9.0)
    young, old = (plume.rise(x, y, 1.0, 0.0, age, 50.0).through for age in (0.2, 8.0))
    assert young[y > 3.0].min() == 1.0
    assert old[y > 3.0].min() < 0.7
    assert old[y < -0.5].min() == 1.0
    assert old.min() >= 0.0


def test_no_smoke_hides_nothing() -> None:
    x, y = plane(-6.0, 6.0, -2.0, 9.0)
    smoke = SmokePlume(rng(), 0.2).rise(x, y, 0.0, 0.0, 5.0, 5.0)
    assert smoke.through.min() == 1.0
    assert smoke.light.max() == 0.0


def test_a_fire_beneath_makes_smoke_darker_above_and_redder_below() -> None:
    plume, (x, y) = SmokePlume(rng(), 0.0), plane(-1.0, 1.0, 0.2, 9.0)
    pale, sooty = (plume.rise(x, y, 1.0, fire, 20.0, 5.0).light for fire in (0.0, 1.0))
    assert sooty[y > 7.0].mean() < pale[y > 7.0].mean()
    low = y < 1.5
    assert (sooty[low][:, 2] / sooty[low][:, 0].clip(1e-3)).mean() > 3.0
