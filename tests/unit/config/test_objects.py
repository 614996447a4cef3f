"""Zones, lines and rules in the configuration: what they become, and what is wrong with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any, Dict

import pytest

from agent.config.object_policy import object_policy_settings
from agent.config.object_rule_settings import ObjectRule, days_of, labels_of
from agent.config.object_settings import CameraObjectSettings, ObjectZone
from agent.domain.geometry import Line
from agent.domain.incident import Severity
from agent.domain.object_event import ObjectEventKind
from agent.domain.policy.object_rules import BAGS, THINGS, Raises, RuleKind
from agent.domain.zone import Zone
from agent.inference.manifest import CITY_LABELS
from tests.unit.config.writing import Desk

CAMERA = """
cameras:
  - url: rtsp://camera.example/1
    objects:
      zones:
        - {{name: yard, polygon: '0.1,0.2 0.9,0.2 0.9,0.9'}}
        - {{name: tree, polygon: '0,0 0.2,0 0.2,0.2', kind: exclude}}
        - {{name: window, polygon: '0.5,0 0.6,0 0.6,0.2', kind: mask}}
      lines: [{{name: gate, points: '0.1,0.5 0.9,0.5'}}]
      rules:
        - {rule}
"""
YARD = ((0.1, 0.2), (0.9, 0.2), (0.9, 0.9))


def policy_of(desk: Desk, text: str) -> Any:
    (camera,) = desk.load(CAMERA.format(rule=text)).cameras
    return object_policy_settings(camera.objects)


def test_nothing_is_looked_for_without_a_rule() -> None:
    zones = [ObjectZone(name="yard", polygon="0,0 1,0 1,1")]
    assert not CameraObjectSettings(zones=zones).wanted
    assert CameraObjectSettings(rules=[ObjectRule(name="any", when="enter")]).wanted
    assert object_policy_settings(CameraObjectSettings()).rules == ()


def test_masks_are_polygons_whether_there_are_rules_or_not(desk: Desk) -> None:
    (camera,) = desk.load(CAMERA.format(rule="{name: a, when: enter}")).cameras
    assert camera.objects.masks == (((0.5, 0.0), (0.6, 0.0), (0.6, 0.2)),)
    assert CameraObjectSettings().masks == ()


def test_a_rule_is_told_all_that_is_written(desk: Desk) -> None:
    written = """
            name: night
            when: loiter
            zone: yard
            labels: person, dog
            min_score: 0.6
            min_size: 0.001
            max_size: 0.5
            seconds: 12
            schedule: {days: "fri-sun", start: "22:00", end: "06:00", time_zone: Europe/Brussels}
            raises: incident
            severity: high"""
    settings = policy_of(desk, written)
    (rule,) = settings.rules
    assert (rule.name, rule.kind, rule.zone) == ("night", RuleKind.LOITER, Zone("yard", YARD))
    assert rule.labels == {"person", "dog"}
    assert (rule.min_score, rule.min_size, rule.max_size, rule.seconds) == (0.6, 0.001, 0.5, 12.0)
    assert (rule.raises, rule.severity, rule.place) == (Raises.INCIDENT, Severity.HIGH, "yard")
    assert rule.calendar.holds(datetime(2026, 7, 17, 20, 0, tzinfo=timezone.utc)), "a Friday, in summer"
    assert not rule.calendar.holds(datetime(2026, 7, 16, 20, 0, tzinfo=timezone.utc))
    assert [zone.name for zone in settings.exclude] == ["tree"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("when: enter", {"kind": RuleKind.ENTER}),
        ("when: leave", {"kind": RuleKind.LEAVE}),
        ("when: loiter", {"kind": RuleKind.LOITER, "seconds": 60.0}),
        (
            "when: count, above: 10",
            {"kind": RuleKind.COUNT, "seconds": 5.0, "above": 10, "labels": frozenset({"person"})},
        ),
        ("when: left-behind", {"kind": RuleKind.LEFT_BEHIND, "seconds": 60.0, "labels": frozenset(BAGS)}),
        (
            "when: wrong-way, way: '0,0 1,1'",
            {"kind": RuleKind.WRONG_WAY, "seconds": 1.0, "way": ((0.0, 0.0), (1.0, 1.0))},
        ),
        (
            "when: line, line: gate, raises: nothing",
            {"kind": RuleKind.LINE, "line": Line("gate", (0.1, 0.5), (0.9, 0.5)), "raises": Raises.NOTHING},
        ),
    ],
)
def test_what_is_left_out_has_a_default_for_its_kind(
    desk: Desk, written: str, told: Dict[str, object]
) -> None:
    (plain,) = policy_of(desk, "{name: a, when: enter}").rules
    (rule,) = policy_of(desk, f"{{name: a, {written}}}").rules
    assert plain.labels == set(THINGS)
    assert rule == replace(plain, **told)


def test_looks_that_are_far_apart_are_not_stale_at_once() -> None:
    assert object_policy_settings(CameraObjectSettings()).stale_after_s == 10.0
    assert object_policy_settings(CameraObjectSettings(looks_per_second=0.1)).stale_after_s == pytest.approx(
        30
    )


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("{name: a, when: arrive}", "one of enter, leave, loiter, count, left-behind, wrong-way, line"),
        ("{name: a, when: line}", "rules[0].line: is needed for line (got nothing). Write the name of one"),
        ("{name: a, when: count}", "rules[0].above: is needed for count (got nothing). Write for example"),
        (
            "{name: a, when: wrong-way}",
            "rules[0].way: is needed for wrong-way (got nothing). Write the right",
        ),
        ("{name: a, when: enter, way: up}", 'way: is not a line (got "up"). Write its two ends'),
        ("{name: a, when: enter, zone: roof}", "name the zone roof, which is no include zone of the camera"),
        ("{name: a, when: enter, zone: tree}", "name the zone tree, which is no include zone of the camera"),
        ("{name: a, when: line, line: door}", "name the line door, which the camera does not have"),
        ("{name: a, when: enter, labels: person, car}", 'unknown setting "car"'),
        ("{name: a, when: enter, labels: 'person, fire'}", "names what no rule is about"),
        ("{name: a, when: enter, labels: ','}", "Possible are person, bicycle, car"),
        ("{name: a, when: enter, raises: nothing}", "raises: cannot be nothing but for line"),
        ("{name: a, when: enter, min_size: 0.5, max_size: 0.1}", "min_size: is above max_size"),
        ("{name: a, when: enter, schedule: {days: monday}}", "days (mon, tue, wed, thu, fri, sat, sun)"),
        ("{name: a, when: enter, schedule: {time_zone: Mars/Base}}", "time_zone: is no time zone"),
        ("{name: a, when: enter, schedule: {time_zone: ../../etc/passwd}}", "Write one by its IANA name"),
        ("{name: a, when: enter}\n        - {name: a, when: leave}", "rules: have names that repeat"),
    ],
)
def test_mistakes_say_what_to_write(desk: Desk, rule: str, words: str) -> None:
    assert words in "\n".join(desk.problems(CAMERA.format(rule=rule)))


@pytest.mark.parametrize(
    "entries", ["zones: [{name: a, polygon: '0,0 1,0 1,1'}", "lines: [{name: a, points: '0,0 1,1'}"]
)
def test_names_of_places_do_not_repeat(desk: Desk, entries: str) -> None:
    again = entries.partition("[")[2]
    text = f"cameras: [{{url: 'rtsp://camera.example/1', objects: {{{entries}, {again}]}}}}]"
    assert "have names that repeat" in desk.problem(text)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon", (0,)),
        ("sat-mon", (0, 5, 6)),
        ("mon-fri, sun", (0, 1, 2, 3, 4, 6)),
        ("mon-sun", tuple(range(7))),
    ],
)
def test_days_and_spans_of_days(text: str, days: Any) -> None:
    assert days_of(text) == days


def test_labels_are_those_of_the_detector_without_flames_and_smoke() -> None:
    assert (*THINGS, "fire", "smoke") == CITY_LABELS
    assert labels_of(" person ,car") == {"person", "car"}
    assert set(BAGS) < set(THINGS)


def test_every_kind_of_rule_has_an_event_of_its_own() -> None:
    assert {kind.event for kind in RuleKind} == set(ObjectEventKind)
