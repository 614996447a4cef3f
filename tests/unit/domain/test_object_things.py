"""Which track goes on with which thing, and where a thing stands."""

from __future__ import annotations

from typing import List

import pytest

from agent.domain.box import Box
from agent.domain.detection import Detection, Tracked
from agent.domain.policy.object_things import GONE_AFTER_S, REMEMBERED_S, Thing, Things, foot, sizes_between
from agent.domain.zone import Zone
from tests.fakes.walks import LOOK_S, seen

CAR = seen(0.5, label="car")


class Road:
    """Things, and the time that is watched."""

    def __init__(self) -> None:
        self.things = Things()
        self.now = 0.0

    def look(self, *tracked: Tracked, after_s: float = LOOK_S) -> List[Thing]:
        self.now += after_s
        return self.things.look(tracked, self.now)

    def over(self, seconds: float, *tracked: Tracked) -> List[Thing]:
        found = []
        for _ in range(round(seconds / LOOK_S)):
            found = self.look(*tracked)
        return found


def test_a_track_in_the_place_of_what_stood_there_goes_on_with_it() -> None:
    road = Road()
    (parked,) = road.over(10.0, CAR)
    road.over(20.0)
    (again,) = road.look(seen(0.52, label="car", track=9))
    assert again is parked
    assert again.tracked.track == 9


@pytest.mark.parametrize(
    "other",
    [
        seen(0.5, label="truck", track=9),
        seen(0.62, label="car", track=9),
    ],
)
def test_another_kind_or_another_place_is_another_thing(other: Tracked) -> None:
    road = Road()
    (parked,) = road.over(10.0, CAR)
    assert parked in road.look(other)
    assert len(road.look(other)) == 2


def test_what_is_seen_itself_is_not_taken_for_lost() -> None:
    road = Road()
    road.over(10.0, CAR)
    new = seen(0.5, label="car", track=9)
    assert len(road.look(new, CAR)) == 2
    assert len(road.look(CAR, new)) == 2


def test_what_moved_is_not_remembered_in_its_place() -> None:
    road = Road()
    for x in (0.1, 0.2, 0.3, 0.4, 0.5):
        road.look(seen(x, label="car"))
    road.over(GONE_AFTER_S - 0.5)
    assert len(road.look(seen(0.5, label="car", track=9))) == 2
    assert len(road.over(GONE_AFTER_S, seen(0.5, label="car", track=9))) == 1


def test_what_stood_for_a_moment_is_not_remembered_for_long() -> None:
    road = Road()
    road.over(4.0, CAR)
    assert road.over(GONE_AFTER_S + 0.5) == []


def test_of_two_that_were_lost_the_one_that_is_covered_most_goes_on() -> None:
    road = Road()
    near, far = road.over(10.0, CAR, seen(0.56, label="car", track=2))
    found = road.look(seen(0.55, label="car", track=9))
    assert found == [near, far]
    assert (near.tracked.track, far.tracked.track) == (1, 9)


def test_what_stood_still_is_forgotten_in_the_end() -> None:
    road = Road()
    road.over(10.0, CAR)
    assert len(road.over(REMEMBERED_S - 1.0)) == 1
    assert road.over(2.0) == []


def test_a_number_that_comes_back_after_another_took_its_place_is_a_thing_of_its_own() -> None:
    road = Road()
    (parked,) = road.over(10.0, CAR)
    road.look(seen(0.5, label="car", track=9))
    found = road.look(CAR, seen(0.5, label="car", track=9))
    assert len({thing.id for thing in found}) == 2
    assert parked.tracked.track == 9


def test_a_thing_that_only_grows_is_seen_as_it_is_now() -> None:
    road = Road()
    small, large = Box(0.45, 0.5, 0.55, 0.7), Box(0.4, 0.3, 0.6, 0.7)
    road.look(Tracked(1, "car", Detection("car", 0.9, small)))
    for _ in range(2):
        (thing,) = road.look(Tracked(1, "car", Detection("car", 0.9, large)))
    assert thing.box == large


def test_a_box_without_a_size_is_no_harm() -> None:
    road = Road()
    flat = Tracked(1, "car", Detection("car", 0.9, Box(0.5, 0.5, 0.5, 0.5)))
    assert len(road.over(7.0, flat)) == 1
    assert len(road.look(Tracked(2, "car", flat.detection))) == 2
    assert sizes_between(flat.detection.box, (0.5, 0.5), (0.5, 0.5)) == 0.0


def test_who_is_cut_off_by_the_lower_edge_stands_in_a_zone_that_ends_there() -> None:
    lower_half = Zone("yard", ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0)))
    assert lower_half.holds(*foot(Box(0.4, 0.6, 0.6, 1.0)))
    assert foot(Box(0.4, 0.6, 0.6, 0.9)) == (0.5, 0.9)
