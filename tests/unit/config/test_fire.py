"""Where fire belongs, in the configuration."""

from __future__ import annotations

import pytest

from agent.config.fire_settings import CameraFireSettings, FireZone
from tests.unit.config.writing import Desk

CAMERA = """\
cameras:
  - id: bakery
    url: "scene:"
    fire:
      {line}
"""


def test_a_camera_may_have_places_in_which_fire_belongs(desk: Desk) -> None:
    zones = "ignore: [{name: oven, polygon: '0.4,0.1 0.5,0.1 0.5,0.35'}]"
    (camera,) = desk.load(CAMERA.format(line=zones)).cameras
    assert camera.fire.ignored == (((0.4, 0.1), (0.5, 0.1), (0.5, 0.35)),)


def test_without_any_it_is_looked_for_everywhere() -> None:
    assert CameraFireSettings().ignored == ()
    zone = FireZone(name="flare", polygon="0,0 1,0 1,1")
    assert CameraFireSettings(ignore=[zone]).ignored == (((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)),)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("ignore: [{name: oven, polygon: '0,0 1,1'}]", "ignore[0].polygon: is not a polygon"),
        (
            "ignore: [{name: a, polygon: '0,0 1,0 1,1'}, {name: a, polygon: '0,0 1,0 1,1'}]",
            "fire.ignore: has names that repeat",
        ),
    ],
)
def test_what_is_wrong_with_one_is_said(desk: Desk, line: str, problem: str) -> None:
    assert problem in desk.problem(CAMERA.format(line=line))
