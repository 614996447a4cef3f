"""Enrolled people and what was said of pictures, as tables for people and rows for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, Optional, Sequence

from rich.markup import escape
from rich.table import Table

from agent.enrolments import Person, Receipt


def person_row(person: Person) -> Dict[str, Any]:
    """A person as JSON; no embedding is in it."""
    consent = person.consent
    return {
        "id": person.id,
        "name": person.name,
        "roles": list(person.roles),
        "faces": person.faces,
        "consent": {"given_by": consent.given_by, "at": consent.at.isoformat(), "how": consent.how},
        "enrolled_by": person.enrolled_by,
        "enrolled_at": person.enrolled_at.isoformat(),
        "expires_at": None if person.expires_at is None else person.expires_at.isoformat(),
    }


def receipt_row(receipt: Receipt) -> Dict[str, Any]:
    """A receipt as JSON."""
    row = dict(vars(receipt))
    row["asked_at"] = receipt.asked_at.isoformat()
    row["done_at"] = None if receipt.done_at is None else receipt.done_at.isoformat()
    return row


def people_table(found: Sequence[Person]) -> Table:
    """A line for each person."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("id", "name", "roles", "faces", "consent", "enrolled (UTC)", "until (UTC)"):
        table.add_column(column, overflow="fold")
    for one in found:
        table.add_row(
            str(one.id),
            escape(one.name),
            escape(", ".join(one.roles)),
            str(one.faces),
            escape(f"{one.consent.given_by}, {one.consent.how}"),
            _day(one.enrolled_at),
            _day(one.expires_at),
        )
    return table


def _day(at: Optional[datetime]) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"
