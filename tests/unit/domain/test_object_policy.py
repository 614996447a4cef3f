"""What rules about things tell, rule by rule: events, incidents and counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timezone
from typing import Any, Dict

import pytest

from agent.domain.calendar import Calendar
from agent.domain.geometry import Line
from agent.domain.guard import Hours
from agent.domain.incident import Change, IllegalTransitionError, Incident, Kind, Severity, State
from agent.domain.object_event import ObjectEventKind
from agent.domain.policy.object_rules import Raises, RuleKind
from agent.domain.zone import Zone
from tests.fakes.clock import FakeClock
from tests.fakes.walks import BY, LEFT, YOLOX, Walk, events, opened, rule, seen, steps

OUTSIDE, INSIDE = (0.9, 0.6), (0.2, 0.6)
GATE = Line("gate", (0.5, 1.0), (0.5, 0.0))
"""Upwards: what goes to the right goes in."""
INCIDENT: Dict[str, Any] = {"raises": Raises.INCIDENT}


def test_who_comes_into_a_zone_is_told_once() -> None:
    walk = Walk(rule(RuleKind.ENTER, "no-entry"))
    assert walk.go(OUTSIDE, (0.6, 0.6), 2.0) == []
    (event,) = events(walk.go((0.6, 0.6), INSIDE, 2.0))
    assert event.kind is ObjectEventKind.ENTERED
    assert (event.camera, event.rule, event.zone, event.label) == ("square", "no-entry", "left", "person")
    assert (event.track, event.count, event.confidence, event.direction) == (1, 1, 0.8, None)
    assert event.box is not None
    assert event.box.left < 0.5
    assert event.model is YOLOX
    assert event.at <= walk.clock.now()
    assert walk.over(30.0, seen(*INSIDE)) == []


def test_who_is_there_at_the_first_look_has_entered_and_who_comes_back_enters_again() -> None:
    walk = Walk(rule(RuleKind.ENTER))
    assert steps(walk.look(seen(*INSIDE))) == ["object-entered"]
    assert walk.go(INSIDE, OUTSIDE, 1.0) == []
    assert steps(walk.go(OUTSIDE, INSIDE, 1.0)) == ["object-entered"]


def test_without_a_zone_the_whole_picture_counts() -> None:
    (event,) = events(Walk(rule(RuleKind.ENTER, zone=None)).look(seen(*OUTSIDE)))
    assert event.zone == ""


def test_who_goes_out_of_a_zone_or_of_sight_has_left() -> None:
    walk = Walk(rule(RuleKind.LEAVE))
    told = walk.go(INSIDE, OUTSIDE, 2.0)
    assert steps(told) == ["object-left"]
    assert walk.go(OUTSIDE, INSIDE, 2.0) == []
    walk.go(INSIDE, (0.3, 0.6), 1.0)
    assert walk.over(2.0) == []
    assert steps(walk.over(2.0)) == ["object-left"]


def test_what_trembles_at_the_edge_neither_enters_nor_leaves() -> None:
    walk = Walk(rule(RuleKind.ENTER), rule(RuleKind.LEAVE, "gone"))
    assert steps(walk.look(seen(0.499))) == ["object-entered"]
    for _ in range(20):
        assert walk.look(seen(0.504)) == []
        assert walk.look(seen(0.497)) == []


def test_one_look_that_shows_it_elsewhere_is_no_move() -> None:
    walk = Walk(rule(RuleKind.LEAVE))
    walk.over(1.0, seen(*INSIDE))
    assert walk.look(seen(*OUTSIDE)) == []
    assert walk.over(1.0, seen(*INSIDE)) == []


def test_who_stays_long_enough_loiters() -> None:
    walk = Walk(rule(RuleKind.LOITER, seconds=30.0))
    assert walk.over(30.0, seen(*INSIDE)) == []
    (event,) = events(walk.over(30.0, seen(*INSIDE)))
    assert event.kind is ObjectEventKind.LOITERED


def test_who_goes_out_in_between_does_not_loiter() -> None:
    walk = Walk(rule(RuleKind.LOITER, seconds=30.0))
    walk.over(25.0, seen(*INSIDE))
    walk.over(1.0, seen(*OUTSIDE))
    assert walk.over(25.0, seen(*INSIDE)) == []
    assert steps(walk.over(6.0, seen(*INSIDE))) == ["object-loitered"]


def test_a_crowd_is_more_than_so_many_for_so_long() -> None:
    walk = Walk(rule(RuleKind.COUNT, above=2, seconds=5.0))
    people = [seen(0.1 * number, track=number, score=0.9 - 0.1 * number) for number in (1, 2, 3)]
    assert walk.over(10.0, *people[:2], seen(*OUTSIDE, track=9)) == []
    assert walk.over(4.0, *people) == []
    (event,) = events(walk.over(2.0, *people))
    assert event.kind is ObjectEventKind.CROWDED
    assert (event.count, event.track, event.box, event.label) == (3, None, None, "person")
    assert event.confidence == pytest.approx(0.6), "of the one that makes it a crowd"
    assert walk.over(60.0, *people) == []


def test_a_crowd_that_one_leaves_for_a_moment_is_the_same_and_a_later_one_is_new() -> None:
    walk = Walk(rule(RuleKind.COUNT, above=1, seconds=5.0))
    both = [seen(0.1, track=1), seen(0.3, track=2)]
    assert len(walk.over(6.0, *both)) == 1
    walk.over(3.0, both[0])
    assert walk.over(6.0, *both) == []
    walk.over(8.0, both[0])
    assert steps(walk.over(6.0, *both)) == ["object-crowded"]


def test_who_is_missed_at_a_look_is_of_the_crowd() -> None:
    walk = Walk(rule(RuleKind.COUNT, above=1, seconds=5.0))
    one, other = seen(0.1, track=1), seen(0.3, track=2)
    told = []
    for _ in range(10):
        told += [*walk.look(one, other), *walk.look(one), *walk.look(other)]
    assert steps(told) == ["object-crowded"]


def test_a_bag_alone_is_left_behind_and_one_with_its_person_is_not() -> None:
    walk = Walk(rule(RuleKind.LEFT_BEHIND, seconds=20.0, labels=frozenset({"suitcase"})))
    bag, owner = seen(0.2, label="suitcase", track=2), seen(0.24)
    assert walk.over(60.0, bag, owner) == []
    assert walk.go((0.24, 0.6), OUTSIDE, 2.0, beside=[bag]) == []
    assert walk.over(15.0, bag) == []
    (event,) = events(walk.over(10.0, bag))
    assert event.kind is ObjectEventKind.LEFT_BEHIND
    assert (event.track, event.label) == (2, "suitcase")


def test_a_passer_by_does_not_look_after_a_bag() -> None:
    walk = Walk(rule(RuleKind.LEFT_BEHIND, seconds=20.0, labels=frozenset({"suitcase"})))
    bag = seen(0.2, label="suitcase", track=2)
    walk.over(10.0, bag)
    walk.go((0.1, 0.62), (0.4, 0.62), 3.0, track=3, beside=[bag])
    assert steps(walk.over(10.0, bag)) == ["object-left-behind"]


def test_who_comes_to_stay_by_a_bag_looks_after_it() -> None:
    walk = Walk(rule(RuleKind.LEFT_BEHIND, seconds=20.0, labels=frozenset({"suitcase"})))
    bag = seen(0.2, label="suitcase", track=2)
    walk.over(10.0, bag)
    assert walk.over(60.0, bag, seen(0.22, track=3)) == []


def test_who_brought_a_bag_looked_after_it_until_they_went() -> None:
    walk = Walk(rule(RuleKind.LEFT_BEHIND, seconds=20.0, labels=frozenset({"suitcase"})))
    bag = seen(0.2, label="suitcase", track=2)
    walk.over(4.0, bag, seen(0.24))
    assert walk.over(19.0, bag, seen(*OUTSIDE)) == []
    assert steps(walk.over(2.0, bag, seen(*OUTSIDE))) == ["object-left-behind"]


def test_who_stands_beyond_a_bag_does_not_look_after_it() -> None:
    walk = Walk(rule(RuleKind.LEFT_BEHIND, seconds=20.0, labels=frozenset({"suitcase"})))
    bag = seen(0.2, label="suitcase", track=2)
    assert steps(walk.over(21.0, bag, seen(0.2, 0.8))) == ["object-left-behind"]


def test_a_bag_that_is_carried_is_not_left() -> None:
    walk = Walk(rule(RuleKind.LEFT_BEHIND, seconds=5.0, labels=frozenset({"suitcase"})))
    assert walk.go((0.05, 0.6), (0.45, 0.6), 20.0, label="suitcase") == []


def test_who_goes_against_the_way_is_told_once_and_who_goes_along_or_across_is_not() -> None:
    walk = Walk(rule(RuleKind.WRONG_WAY, seconds=1.0, zone=None, way=((0.1, 0.5), (0.9, 0.5))))
    assert walk.go((0.1, 0.6), (0.9, 0.6), 5.0, track=1) == []
    assert walk.go((0.5, 0.4), (0.5, 0.9), 5.0, track=2) == []
    (event,) = events(walk.go((0.9, 0.6), (0.1, 0.6), 5.0, track=3))
    assert event.kind is ObjectEventKind.WRONG_WAY
    assert event.track == 3


@pytest.mark.parametrize(("aspect", "degrees"), [(1.0, 117), (16 / 9, 132), (9 / 16, 106)])
def test_an_angle_is_the_one_that_people_see_and_not_one_of_shares(aspect: float, degrees: int) -> None:
    to_the_right = rule(RuleKind.WRONG_WAY, seconds=1.0, zone=None, way=((0.1, 0.5), (0.9, 0.5)))
    walk = Walk(to_the_right, aspect=aspect)
    assert bool(walk.go((0.5, 0.4), (0.25, 0.9), 3.0)) is (degrees > 120)


def test_a_way_aslant_is_the_one_that_people_see() -> None:
    half_right_up = rule(RuleKind.WRONG_WAY, seconds=1.0, zone=None, way=((0.1, 0.9), (0.9, 0.3)))
    downwards = (0.5, 0.2), (0.5, 0.9)
    assert events(Walk(half_right_up, aspect=1.0).go(*downwards, 3.0)), "127 degrees in a square"
    assert events(Walk(half_right_up, aspect=16 / 9).go(*downwards, 3.0)) == [], "113 on a wide picture"


def test_who_is_gone_too_soon_was_not_on_a_wrong_way() -> None:
    walk = Walk(rule(RuleKind.WRONG_WAY, seconds=3.0, zone=None, way=((0.1, 0.5), (0.9, 0.5))))
    assert walk.go((0.9, 0.6), (0.5, 0.6), 2.0) == []
    assert walk.over(10.0) == []


def test_a_step_back_is_not_against_the_way() -> None:
    walk = Walk(rule(RuleKind.WRONG_WAY, seconds=1.0, zone=None, way=((0.1, 0.5), (0.9, 0.5))))
    assert walk.go((0.5, 0.6), (0.485, 0.6), 0.4) == []
    assert walk.over(10.0, seen(0.485)) == []


def test_a_line_tells_and_counts_who_crosses_it_which_way() -> None:
    walk = Walk(rule(RuleKind.LINE, line=GATE))
    assert walk.policy.counts() == {"gate": {"in": {}, "out": {}}}
    (event,) = events(walk.go((0.3, 0.6), (0.7, 0.6), 2.0))
    assert event.kind is ObjectEventKind.CROSSED
    assert (event.zone, event.direction) == ("gate", "in")
    walk.go((0.7, 0.6), (0.3, 0.6), 2.0, track=2)
    walk.go((0.7, 0.6), (0.3, 0.6), 2.0, track=3, label="car")
    assert walk.policy.counts() == {"gate": {"in": {"person": 1}, "out": {"person": 1, "car": 1}}}


def test_a_line_of_two_rules_counts_once_and_may_only_count() -> None:
    cars = rule(RuleKind.LINE, "cars", line=GATE, labels=frozenset({"car"}), raises=Raises.NOTHING)
    walk = Walk(cars, replace(cars, name="all", labels=frozenset({"car", "bus"})))
    assert walk.go((0.3, 0.6), (0.7, 0.6), 2.0, label="car") == []
    assert walk.go((0.3, 0.6), (0.7, 0.6), 2.0, label="bus", track=2) == []
    assert walk.policy.counts() == {"gate": {"in": {"car": 1, "bus": 1}, "out": {}}}


def test_who_crosses_again_counts_again() -> None:
    walk = Walk(rule(RuleKind.LINE, line=GATE))
    for start, end in ((0.3, 0.7), (0.7, 0.3), (0.3, 0.7)):
        walk.go((start, 0.6), (end, 0.6), 2.0)
    assert walk.policy.counts() == {"gate": {"in": {"person": 2}, "out": {"person": 1}}}


def test_counts_are_a_copy() -> None:
    walk = Walk(rule(RuleKind.LINE, line=GATE))
    walk.policy.counts()["gate"]["in"]["car"] = 9
    assert walk.policy.counts()["gate"]["in"] == {}


@pytest.mark.parametrize(
    "limit",
    [
        {"labels": frozenset({"car"})},
        {"min_score": 0.9},
        {"min_size": 0.02},
        {"max_size": 0.001},
    ],
)
def test_a_rule_is_about_some_things_only(limit: Dict[str, Any]) -> None:
    assert Walk(rule(RuleKind.ENTER, **limit)).over(1.0, seen(*INSIDE)) == []


def test_who_was_seen_well_once_counts_from_then_on() -> None:
    walk = Walk(rule(RuleKind.ENTER, min_score=0.7), rule(RuleKind.LEAVE, "gone", min_score=0.7))
    assert walk.over(1.0, seen(*INSIDE, score=0.5)) == []
    assert steps(walk.look(seen(*INSIDE))) == ["object-entered"]
    assert walk.over(1.0, seen(*INSIDE, score=0.3)) == []


def test_exclude_zones_hide_things() -> None:
    corner = Zone("corner", ((0.0, 0.0), (0.3, 0.0), (0.3, 1.0), (0.0, 1.0)))
    walk = Walk(rule(RuleKind.ENTER), exclude=(corner,))
    assert walk.over(1.0, seen(*INSIDE)) == []
    assert steps(walk.go(INSIDE, (0.4, 0.6), 1.0)) == ["object-entered"]


def test_a_rule_sees_nothing_outside_its_hours() -> None:
    night = Calendar(Hours(tuple(range(7)), time(22), time(6)), timezone.utc)
    clock = FakeClock(datetime(2026, 6, 1, 21, 59, 50, tzinfo=timezone.utc))
    walk = Walk(rule(RuleKind.ENTER, calendar=night), clock=clock)
    assert walk.over(9.0, seen(*INSIDE)) == []
    assert steps(walk.over(2.0, seen(*INSIDE))) == ["object-entered"]
    clock.advance(8 * 3600.0)
    assert walk.look(seen(*INSIDE)) == []


@pytest.mark.parametrize(
    "about",
    [
        {"kind": RuleKind.LEAVE},
        {"kind": RuleKind.LOITER, "seconds": 1.0},
        {"kind": RuleKind.COUNT, "seconds": 1.0},
        {"kind": RuleKind.LEFT_BEHIND, "seconds": 1.0},
        {"kind": RuleKind.WRONG_WAY, "seconds": 1.0, "way": ((0.9, 0.5), (0.1, 0.5))},
        {"kind": RuleKind.LINE, "line": GATE},
    ],
)
def test_what_happens_outside_the_hours_is_never_told(about: Dict[str, Any]) -> None:
    night = Calendar(Hours(tuple(range(7)), time(22), time(6)), timezone.utc)
    clock = FakeClock(datetime(2026, 6, 1, 5, 59, 0, tzinfo=timezone.utc))
    walk = Walk(rule(calendar=night, **about), clock=clock)
    walk.over(30.0, seen(*INSIDE, label="suitcase"))
    clock.advance(60.0)
    assert walk.go(INSIDE, OUTSIDE, 3.0, label="suitcase") == []
    assert walk.go(OUTSIDE, INSIDE, 3.0, label="suitcase") == []
    assert walk.over(5.0, seen(*INSIDE, label="suitcase")) == []


NIGHT = Calendar(Hours(tuple(range(7)), time(22), time(6)), timezone.utc)
AT_NIGHT = datetime(2026, 6, 1, 23, 0, tzinfo=timezone.utc)
DAY_S, NIGHT_AGAIN_S = 12 * 3600.0, 12 * 3600.0


@pytest.mark.parametrize(
    "about",
    [
        {"kind": RuleKind.ENTER},
        {"kind": RuleKind.LOITER, "seconds": 2.0},
        {"kind": RuleKind.COUNT, "seconds": 2.0},
        {"kind": RuleKind.LEFT_BEHIND, "seconds": 2.0},
    ],
)
def test_each_night_everything_is_new(about: Dict[str, Any]) -> None:
    walk = Walk(rule(calendar=NIGHT, **about), clock=FakeClock(AT_NIGHT))
    bag = seen(*INSIDE, label="suitcase")
    assert len(walk.over(10.0, bag)) == 1
    assert walk.look(bag, after_s=DAY_S) == []
    assert len(walk.look(bag, after_s=NIGHT_AGAIN_S) + walk.over(10.0, bag)) == 1


def test_who_left_by_day_has_not_left_by_night() -> None:
    walk = Walk(rule(RuleKind.LEAVE, calendar=NIGHT), clock=FakeClock(AT_NIGHT))
    walk.over(1.0, seen(*INSIDE))
    walk.look(seen(*INSIDE), after_s=DAY_S)
    walk.go(INSIDE, OUTSIDE, 1.0)
    assert walk.look(seen(*OUTSIDE), after_s=NIGHT_AGAIN_S) == []


def test_a_wrong_way_is_news_each_night() -> None:
    against = rule(RuleKind.WRONG_WAY, seconds=1.0, zone=None, way=((0.1, 0.5), (0.9, 0.5)), calendar=NIGHT)
    walk = Walk(against, clock=FakeClock(AT_NIGHT))
    assert len(walk.go((0.9, 0.6), (0.5, 0.6), 3.0)) == 1
    walk.look(seen(0.5), after_s=DAY_S)
    walk.look(seen(0.5), after_s=NIGHT_AGAIN_S)
    assert len(walk.go((0.5, 0.6), (0.1, 0.6), 3.0)) == 1


def test_what_stands_still_is_announced_once_although_it_is_lost_for_a_while() -> None:
    walk = Walk(rule(RuleKind.ENTER), rule(RuleKind.LEAVE, "gone"))
    assert steps(walk.over(10.0, seen(0.2, label="car", track=1))) == ["object-entered"]
    assert walk.over(30.0) == []
    assert walk.over(60.0, seen(0.21, label="car", track=7)) == []
    assert steps(walk.go((0.21, 0.6), OUTSIDE, 2.0, track=7, label="car")) == ["object-left"]


def test_nobody_loiters_or_leaves_while_nobody_looks() -> None:
    walk = Walk(rule(RuleKind.LOITER, seconds=30.0), rule(RuleKind.LEAVE, "gone"))
    walk.over(10.0, seen(*INSIDE))
    assert walk.look(seen(*INSIDE), after_s=600.0) == []
    assert walk.over(15.0, seen(*INSIDE)) == []
    assert steps(walk.over(10.0, seen(*INSIDE))) == ["object-loitered"]


def test_an_incident_opens_goes_on_and_resolves() -> None:
    walk = Walk(rule(RuleKind.ENTER, "no-entry", severity=Severity.HIGH, **INCIDENT))
    (change,) = walk.look(seen(*INSIDE))
    assert isinstance(change, Change)
    incident = change.incident
    assert (incident.kind, incident.reason, incident.severity) == (Kind.OBJECT, "no-entry", Severity.HIGH)
    assert (incident.camera, incident.confidence, incident.model) == ("square", 0.8, YOLOX)
    assert [one.track for one in walk.policy.concerned("no-entry")] == [1]
    assert walk.over(10.0, seen(*INSIDE)) == []
    assert walk.go(INSIDE, OUTSIDE, 1.0) == []
    assert walk.policy.concerned("no-entry") == []
    assert steps(walk.over(25.0)) == ["resolved"]
    assert walk.over(60.0) == []


def test_one_incident_a_rule_is_told_again_while_something_moves() -> None:
    walk = Walk(rule(RuleKind.ENTER, **INCIDENT))
    told = []
    for number in range(8):
        told += walk.go((0.05, 0.6), (0.45, 0.6), 10.0, track=number)
    assert steps(told) == ["opened", "updated"]


def test_what_stands_still_is_no_news_and_something_new_is() -> None:
    walk = Walk(rule(RuleKind.ENTER, **INCIDENT))
    car = seen(0.2, label="car")
    assert steps(walk.over(600.0, car)) == ["opened"]
    assert steps(walk.over(600.0, car, seen(0.4, label="car", track=2))) == ["updated"]


def test_a_rule_that_tells_of_a_moment_resolves_by_itself() -> None:
    walk = Walk(rule(RuleKind.LINE, line=GATE, **INCIDENT))
    assert steps(walk.go((0.3, 0.6), (0.7, 0.6), 2.0)) == ["opened"]
    assert steps(walk.over(30.0, seen(0.7))) == ["resolved"]


def test_a_person_acknowledges_and_dismisses() -> None:
    walk = Walk(rule(RuleKind.ENTER, **INCIDENT))
    incident = opened(walk.look(seen(*INSIDE)))
    at = walk.clock.moment()
    taken = walk.say(incident, lambda one: one.acknowledge(at.utc, BY))
    assert taken is not None
    assert taken.incident.state is State.ACKNOWLEDGED
    with pytest.raises(IllegalTransitionError):
        walk.say(incident, lambda one: one.acknowledge(at.utc, BY))
    assert walk.dismiss(incident) is not None
    assert walk.dismiss(incident) is None
    assert walk.say(replace(incident, id="other"), lambda one: one.dismiss(at.utc, BY)) is None


def test_what_was_dismissed_is_news_again_once_it_is_over_or_goes_on_moving_for_long() -> None:
    walk = Walk(rule(RuleKind.ENTER, **INCIDENT))
    walk.dismiss(opened(walk.look(seen(*INSIDE))))
    assert walk.over(700.0, seen(*INSIDE)) == []
    assert steps(walk.go(INSIDE, (0.3, 0.6), 1.0)) == ["opened"]
    walk.go((0.3, 0.6), OUTSIDE, 1.0)
    assert steps(walk.over(25.0)) == ["resolved"]
    walk.dismiss(opened(walk.look(seen(*INSIDE, track=2))))
    walk.go(INSIDE, OUTSIDE, 1.0, track=2)
    assert walk.over(25.0) == []
    assert steps(walk.look(seen(*INSIDE, track=3))) == ["opened"]


def test_ten_minutes_count_from_the_dismissal() -> None:
    walk = Walk(rule(RuleKind.ENTER, **INCIDENT))
    incident = opened(walk.look(seen(*INSIDE)))
    walk.over(400.0, seen(*INSIDE))
    walk.dismiss(incident)
    walk.over(400.0, seen(*INSIDE))
    assert walk.go(INSIDE, (0.3, 0.6), 1.0) == []
    walk.over(200.0, seen(0.3))
    assert steps(walk.go((0.3, 0.6), INSIDE, 1.0)) == ["opened"]


def earlier(rule_name: str = "rule") -> Incident:
    walk = Walk(rule(RuleKind.ENTER, rule_name, **INCIDENT))
    return opened(walk.look(seen(*INSIDE)))


def test_an_open_incident_of_an_earlier_run_goes_on() -> None:
    walk = Walk(rule(RuleKind.ENTER, **INCIDENT), rule(RuleKind.LEAVE, "gone"))
    assert walk.policy.resume(earlier(), walk.clock.moment())
    assert not walk.policy.resume(earlier(), walk.clock.moment()), "one a rule"
    assert not walk.policy.resume(earlier("gone"), walk.clock.moment()), "raises events"
    assert not walk.policy.resume(earlier("unknown"), walk.clock.moment())
    assert steps(walk.over(30.0)) == ["resolved"]


def test_what_was_dismissed_in_an_earlier_run_stays_so() -> None:
    walk = Walk(rule(RuleKind.ENTER, **INCIDENT))
    for name in ("rule", "unknown"):
        walk.policy.resume_dismissed(earlier(name), walk.clock.moment())
    assert walk.over(60.0, seen(*INSIDE)) == []
    walk.over(90.0)
    assert steps(walk.look(seen(*INSIDE))) == ["opened"]


def test_an_incident_waits_while_nobody_looks() -> None:
    walk = Walk(rule(RuleKind.ENTER, **INCIDENT))
    opened(walk.look(seen(*INSIDE)))
    assert walk.look(after_s=3600.0) == []
    assert steps(walk.over(25.0)) == ["resolved"]


def test_zones_of_the_tests_mean_what_they_say() -> None:
    assert LEFT.holds(*INSIDE)
    assert not LEFT.holds(*OUTSIDE)
