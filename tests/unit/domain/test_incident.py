from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from agent.domain.incident import (
    IllegalTransitionError,
    Incident,
    Kind,
    Severity,
    State,
    Transition,
)

T0 = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)
T1 = T0 + timedelta(seconds=5)


def opened(kind: Kind = Kind.START_FIRE) -> Incident:
    return Incident.open("i1", "gate", kind, T0, 0.7).incident


def test_opening_counts_as_the_first_change() -> None:
    change = Incident.open("i1", "gate", Kind.FIRE, T1, 0.8, first_seen=T0)
    assert change.transition is Transition.OPENED
    assert change.event_id == "i1-1"
    assert change.incident.severity is Severity.CRITICAL
    assert (change.incident.first_seen, change.incident.last_seen) == (T0, T1)


def test_escalation_raises_kind_and_severity_and_keeps_the_identity() -> None:
    change = opened().escalate(Kind.FIRE, T1, 0.9)
    after = change.incident
    assert (after.id, after.kind, after.severity, after.sequence) == ("i1", Kind.FIRE, Severity.CRITICAL, 2)
    assert after.peak == 0.9


def test_an_escalation_reopens_what_was_acknowledged() -> None:
    acknowledged = opened().acknowledge(T0, "anna").incident
    assert acknowledged.escalate(Kind.FIRE, T1, 0.9).incident.state is State.OPEN


def test_the_peak_is_kept_when_confidence_falls() -> None:
    after = opened().update(T1, 0.4).incident
    assert (after.confidence, after.peak, after.last_seen) == (0.4, 0.7, T1)


def test_resolving_keeps_when_it_was_last_seen() -> None:
    resolved = opened().resolve(T1, 0.1).incident
    assert resolved.last_seen == T0
    assert resolved.state.closed


def test_dismissing_names_who() -> None:
    change = opened().dismiss(T1, "anna")
    assert (change.transition, change.incident.actor) == (Transition.DISMISSED, "anna")


@pytest.mark.parametrize("closed", [opened().resolve(T1, 0.1), opened().dismiss(T1, "anna")])
def test_a_closed_incident_never_changes_again(closed: object) -> None:
    incident = closed.incident  # type: ignore[attr-defined]
    with pytest.raises(IllegalTransitionError, match="i1 is"):
        incident.update(T1, 0.5)


def test_acknowledging_twice_is_refused_and_names_the_first() -> None:
    with pytest.raises(IllegalTransitionError, match="anna"):
        opened().acknowledge(T0, "anna").incident.acknowledge(T1, "bob")


def test_severities_are_ordered() -> None:
    assert Severity.CRITICAL.rank > Severity.HIGH.rank > Severity.MEDIUM.rank > Severity.LOW.rank > 0
    assert Severity.INFORMATIONAL.rank == 0


def test_what_is_over_may_still_be_called_a_false_alarm_once() -> None:
    resolved = opened().resolve(T1, 0.1).incident
    dismissed = resolved.dismiss(T1, "anna").incident
    assert (dismissed.state, dismissed.sequence, dismissed.actor) == (State.DISMISSED, 3, "anna")
    with pytest.raises(IllegalTransitionError, match="dismissed"):
        dismissed.dismiss(T1, "bob")


def test_what_is_over_cannot_be_taken_on() -> None:
    with pytest.raises(IllegalTransitionError, match="resolved"):
        opened().resolve(T1, 0.1).incident.acknowledge(T1, "anna")


def test_a_drill_is_a_fire_of_no_severity_that_says_who_asked() -> None:
    change = Incident.rehearse("d1", "gate", T0, 0.9, actor="telegram:7")
    drill = change.incident
    assert (change.transition, drill.kind, drill.severity) == (
        Transition.OPENED,
        Kind.FIRE,
        Severity.INFORMATIONAL,
    )
    assert (drill.drill, drill.actor, drill.reason) == (True, "telegram:7", "self-test")
    assert drill.resolve(T1, 0.0).incident.drill
    assert not opened().drill
