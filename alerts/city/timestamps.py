"""Times as the city interface writes them."""

from __future__ import annotations

from datetime import datetime, timezone


def timestamp(at: datetime) -> str:
    """RFC 3339 in UTC to the millisecond, as in 2026-01-01T00:00:00.000Z; `at` is aware."""
    return at.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
