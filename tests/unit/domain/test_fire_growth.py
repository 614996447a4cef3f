"""A fire that grows is told sooner, one that spread is told again."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import List, Optional, Tuple

import pytest

from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.domain.evidence import HEAT, FireScores
from agent.domain.extent import NOWHERE, Extent
from agent.domain.incident import Change, Kind, Transition
from agent.domain.policy.fire import FirePolicy
from agent.domain.policy.growth import LEAST_AREA, Growth
from agent.domain.policy.settings import FirePolicySettings
from tests.fakes.looks import CALM, FLAMES, SMOKE, at

SETTINGS = FirePolicySettings()
EVERY_S = 0.2


def flame(area: float) -> Detection:
    """A box of that share of the picture."""
    return Detection("fire", 0.8, Box(0.0, 0.0, 1.0, area))


def seen(scores: FireScores, area: Optional[float]) -> FireScores:
    boxes = None if area is None else (flame(area),) if area else ()
    return FireScores(scores.fire, scores.start_fire, scores.no_fire, boxes)


class Camera:
    """A policy that is looked through five times a second."""

    def __init__(self) -> None:
        ids = (f"i{n}" for n in itertools.count(1))
        self.policy = FirePolicy("gate", SETTINGS, lambda: next(ids))
        self.now = 0.0

    def looks(self, scores: FireScores, *areas: Optional[float]) -> List[Change]:
        changes = []
        for area in areas:
            self.now += EVERY_S
            changes += self.policy.look(seen(scores, area), at(self.now))
        return changes


@pytest.fixture
def camera() -> Camera:
    return Camera()


def test_an_incident_says_where_it_burns_and_how_large_it_is(camera: Camera) -> None:
    (opened,) = camera.looks(FLAMES, *[0.1] * 5)
    assert opened.incident.extent == Extent((flame(0.1),), 0.1, None)
    assert camera.policy.incident == opened.incident


def test_without_a_detector_an_incident_says_nothing_of_it(camera: Camera) -> None:
    (opened,) = camera.looks(FLAMES, *[None] * 5)
    assert opened.incident.extent == NOWHERE


@pytest.mark.parametrize(
    ("boxes", "extent"),
    [
        (None, Extent((Detection(HEAT, 0.9, Box(0.2, 0.3, 0.4, 0.6)),))),
        ((), Extent((Detection(HEAT, 0.9, Box(0.2, 0.3, 0.4, 0.6)),), 0.0)),
        ((flame(0.1),), Extent((flame(0.1),), 0.1)),
    ],
    ids=["no detector", "it found nothing", "it found flames"],
)
def test_where_no_flames_are_boxed_the_heat_says_where_and_not_how_much(
    camera: Camera, boxes: Optional[Tuple[Detection, ...]], extent: Extent
) -> None:
    heat = Detection(HEAT, 0.9, Box(0.2, 0.3, 0.4, 0.6))
    look = replace(FLAMES, boxes=boxes, heat=heat)
    changes = [change for n in range(5) for change in camera.policy.look(look, at(n * EVERY_S))]
    assert [change.incident.extent for change in changes] == [extent]


@pytest.mark.parametrize(("grown", "looks"), [(0.1, 5), (0.3, 3)])
def test_what_grows_is_a_fire_sooner(camera: Camera, grown: float, looks: int) -> None:
    camera.looks(SMOKE, *[0.1] * 16)
    assert camera.policy.incident is not None
    assert camera.policy.incident.kind is Kind.START_FIRE
    camera.looks(SMOKE, *[grown] * 3)
    assert camera.policy.incident.kind is Kind.START_FIRE
    assert not camera.looks(FLAMES, *[grown] * (looks - 1))
    (escalated,) = camera.looks(FLAMES, grown)
    assert escalated.transition is Transition.ESCALATED
    assert escalated.incident.extent.area == grown


@pytest.mark.parametrize(("needed", "growing"), [(1, 1), (2, 2), (3, 2), (5, 3), (8, 4)])
def test_two_looks_must_agree_at_the_least(needed: int, growing: int) -> None:
    assert FirePolicySettings(needed=needed).needed_growing == growing


def test_what_spread_is_told_again_at_once_and_each_size_once(camera: Camera) -> None:
    camera.looks(FLAMES, *[0.05] * 10)
    assert not camera.looks(FLAMES, *[0.09] * 20)
    (updated,) = camera.looks(FLAMES, *[0.2] * 20)
    assert updated.transition is Transition.UPDATED
    assert not camera.looks(FLAMES, *[0.02] * 20, *[0.2] * 20)


def test_a_restart_remembers_how_large_it_was(camera: Camera) -> None:
    (opened,) = camera.looks(FLAMES, *[0.05] * 5)
    again = Camera()
    again.policy.resume(opened.incident, at(0))
    assert not again.looks(FLAMES, *[0.06] * 5)
    assert again.looks(FLAMES, *[0.2] * 20)


def test_what_was_never_told_with_an_area_did_not_spread(camera: Camera) -> None:
    camera.looks(FLAMES, *[None] * 5)
    assert not camera.looks(FLAMES, *[0.01] * 5, *[0.5] * 10)


def test_the_next_incident_begins_with_its_own_size(camera: Camera) -> None:
    camera.looks(FLAMES, *[0.4] * 5)
    ended = camera.looks(CALM, *[0.0] * 150)
    assert [change.transition for change in ended] == [Transition.RESOLVED]
    camera.looks(FLAMES, *[0.01] * 5)
    assert camera.looks(FLAMES, *[0.1] * 10)


def test_growth_is_known_once_looks_are_so_far_apart() -> None:
    growth = Growth(3.0)
    assert growth.look([flame(0.1)], at(0)).growth is None
    assert growth.look([flame(0.1)], at(1.9)).growth is None
    assert growth.look([flame(0.3)], at(2.5)).growth == pytest.approx(2.0)


def test_a_few_pixels_more_are_no_growth() -> None:
    growth = Growth(3.0)
    growth.look([], at(0))
    assert growth.look([flame(LEAST_AREA)], at(3)).growth == 1.0


def test_what_nobody_boxes_any_more_is_forgotten() -> None:
    growth = Growth(3.0)
    growth.look([flame(0.1)], at(0))
    assert growth.look(None, at(1)) == NOWHERE
    assert growth.lately is None
    assert growth.look([flame(0.3)], at(3)).growth is None
