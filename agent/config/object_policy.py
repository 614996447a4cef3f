"""From the settings of objects on a camera to what its policy is told."""

from __future__ import annotations

from datetime import time
from typing import Dict

from agent.config.object_rule_settings import ObjectRule as Written
from agent.config.object_rule_settings import RuleSchedule, days_of, labels_of
from agent.config.object_settings import CameraObjectSettings
from agent.config.polygons import corners, ends
from agent.config.time_zones import zone_of
from agent.domain.calendar import Calendar
from agent.domain.geometry import Line
from agent.domain.guard import Hours
from agent.domain.incident import Severity
from agent.domain.policy.object_rules import BAGS, PERSON, THINGS, ObjectRule, Raises, RuleKind
from agent.domain.policy.objects import ObjectPolicySettings
from agent.domain.zone import Zone

_STALE_AFTER_S, _LOOKS_TO_BE_STALE = 10.0, 3.0
"""How long nobody looks before nobody knows; it holds at least so many looks."""

_SECONDS = {
    RuleKind.LOITER: 60.0,
    RuleKind.LEFT_BEHIND: 60.0,
    RuleKind.COUNT: 5.0,
    RuleKind.WRONG_WAY: 1.0,
}


def object_policy_settings(section: CameraObjectSettings) -> ObjectPolicySettings:
    """What the policy of a camera is told; valid settings never fail."""
    zones = {zone.name: Zone(zone.name, corners(zone.polygon)) for zone in section.zones or []}
    lines = {line.name: Line(line.name, *ends(line.points)) for line in section.lines or []}
    return ObjectPolicySettings(
        rules=tuple(_rule(rule, zones, lines) for rule in section.rules or []),
        exclude=tuple(zones[zone.name] for zone in section.zones or [] if zone.kind == "exclude"),
        stale_after_s=max(_STALE_AFTER_S, _LOOKS_TO_BE_STALE / section.looks_per_second),
    )


def _rule(rule: Written, zones: Dict[str, Zone], lines: Dict[str, Line]) -> ObjectRule:
    kind = RuleKind(rule.when)
    labels = {RuleKind.COUNT: (PERSON,), RuleKind.LEFT_BEHIND: BAGS}.get(kind, THINGS)
    return ObjectRule(
        name=rule.name,
        kind=kind,
        labels=frozenset(labels) if rule.labels is None else labels_of(rule.labels),
        zone=None if rule.zone is None else zones[rule.zone],
        line=lines[str(rule.line)] if kind is RuleKind.LINE else None,
        min_score=rule.min_score,
        min_size=rule.min_size,
        max_size=rule.max_size,
        seconds=_SECONDS.get(kind, 0.0) if rule.seconds is None else rule.seconds,
        above=(rule.above or 0) if kind is RuleKind.COUNT else 0,
        way=None if rule.way is None else ends(rule.way),
        calendar=None if rule.schedule is None else _calendar(rule.schedule),
        raises=Raises(rule.raises),
        severity=Severity(rule.severity),
    )


def _calendar(schedule: RuleSchedule) -> Calendar:
    start, end = _time(schedule.start), _time(schedule.end)
    zone = None if schedule.time_zone is None else zone_of(schedule.time_zone)
    return Calendar(Hours(days_of(schedule.days), start, end), zone)


def _time(text: str) -> time:
    hours, minutes = text.split(":")
    return time(int(hours), int(minutes))
