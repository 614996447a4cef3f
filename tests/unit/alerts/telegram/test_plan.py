"""What makes a sound."""

from __future__ import annotations

import pytest

from agent.domain.incident import Kind, Severity
from agent.domain.silence import NEVER_SILENT
from alerts.telegram.plan import loud


@pytest.mark.parametrize("kind", sorted(NEVER_SILENT))
def test_what_burns_is_told_aloud_whatever_the_floor(kind: Kind) -> None:
    assert loud(kind, Severity.INFORMATIONAL, Severity.CRITICAL)


@pytest.mark.parametrize("kind", sorted(set(Kind) - NEVER_SILENT))
def test_lesser_kinds_are_loud_from_the_floor_up(kind: Kind) -> None:
    assert loud(kind, Severity.HIGH, Severity.HIGH)
    assert not loud(kind, Severity.MEDIUM, Severity.HIGH)
