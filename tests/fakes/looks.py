"""Made-up looks: scores from a danger and the share of it that is flame."""

from __future__ import annotations

from datetime import datetime, timezone

from agent.domain.evidence import FireScores
from agent.domain.moment import Moment

EPOCH = datetime(2026, 1, 1, tzinfo=timezone.utc)


def scores(danger: float, flame_share: float = 0.0) -> FireScores:
    """FireScores whose danger is `danger` (0..1), of which `flame_share` (0..1) is open fire."""
    return FireScores(danger * flame_share, danger * (1.0 - flame_share), 1.0 - danger)


CALM = scores(0.02)
SMOKE = scores(0.95)
FLAMES = scores(0.97, 0.95)


def at(seconds: float) -> Moment:
    """The moment `seconds` after the tests' epoch."""
    return Moment(EPOCH, 0.0).plus(seconds)
