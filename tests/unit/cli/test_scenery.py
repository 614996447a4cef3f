from __future__ import annotations

import itertools
from pathlib import Path
from typing import Iterator, List

import pytest

from agent.cli.scenery import Things, scenery
from agent.domain.incident import Change
from agent.domain.object_event import ObjectEvent
from agent.errors import ConfigError
from agent.ports import Frame
from tests.fakes.clock import FakeClock
from tests.fakes.faces import street
from tests.fakes.objects import FakeObjectDetector, FakeTracker, place

CONFIG = """\
cameras:
  - id: gate
    url: "scene:"
    objects:
      zones:
        - {name: yard, polygon: "0,0 0.5,0 0.5,1 0,1"}
        - {name: road, polygon: "0.9,0 1,0 1,1", kind: exclude}
        - {name: windows, polygon: "0.7,0 1,0 1,0.2 0.7,0.2", kind: mask}
      lines:
        - {name: quay, points: "0,0.5 1,0.5"}
      rules:
        - {name: nobody-here, when: enter, zone: yard, labels: person, raises: incident}
        - {name: everybody, when: enter, zone: yard}
  - id: hall
    url: "scene:"
objects:
  bundle: city
store:
  folder: data
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "beffroi.yaml"
    path.write_text(CONFIG)
    return path


def test_the_place_of_a_camera_comes_from_the_configuration(config: Path) -> None:
    found = scenery("gate", config, None)
    assert [zone.name for zone in found.zones] == ["yard", "road"]
    assert [line.name for line in found.lines] == ["quay"]
    picture = street(shade=90)
    assert not found.masks.over("gate", picture)[10, 280].any()
    assert found.models is not None
    assert found.models.bundle == "city"
    assert found.home == Path("data", "models")


def test_things_are_looked_for_where_there_are_rules_or_a_model_is_named(config: Path) -> None:
    assert scenery("hall", config, None).models is None
    named = scenery("hall", config, "mine").models
    assert named is not None
    assert named.bundle == "mine"
    bare = scenery("watch", None, None)
    assert (bare.models, bare.zones, bare.lines, bare.home) == (None, [], [], None)
    alone = scenery("watch", None, "mine").models
    assert alone is not None
    assert alone.bundle == "mine"


def test_a_camera_that_is_not_in_it_is_refused_with_those_that_are(config: Path) -> None:
    with pytest.raises(ConfigError, match="no camera roof: say --camera with one of gate, hall"):
        scenery("roof", config, None)


def test_things_are_what_the_rules_of_the_camera_say_and_masks_hide_some(config: Path) -> None:
    clock = FakeClock()
    numbers = itertools.count(1)
    detector = FakeObjectDetector()
    things = Things(scenery("gate", config, None), detector, FakeTracker(), lambda: f"o{next(numbers)}")
    told: List[object] = []
    for frame in frames(clock):
        tracked, outcomes = things.look(frame)
        told += outcomes
        assert [one.label for one in tracked] == ["person"], "the car stands behind the mask"
    assert [one.incident.reason for one in told if isinstance(one, Change)] == ["nobody-here"]
    assert [one.rule for one in told if isinstance(one, ObjectEvent)] == ["everybody"]


def frames(clock: FakeClock) -> Iterator[Frame]:
    """Somebody comes in from the right; a car stands where nobody may look."""
    for index, x in enumerate((0.8, 0.8, 0.6, 0.3, 0.3, 0.3)):
        picture = place(street(), "car", 0.9, 0.15, 0.1, 0.1)
        yield Frame("gate", place(picture, "person", x, 0.8), clock.moment(), index / 5, index)
        clock.advance(0.2)
