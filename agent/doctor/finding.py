"""What a check found: how it is, the fact, and what to do about it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Optional


class Status(enum.Enum):
    """How a check ended; the values are those of `--json`."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True)
class Finding:
    """`found` is a fact in a few words; `remedy` says what to do where the status asks for something."""

    status: Status
    found: str
    remedy: Optional[str] = None


def ok(found: str) -> Finding:
    return Finding(Status.OK, found)


def warning(found: str, remedy: str) -> Finding:
    """Worth knowing: the agent does its work, but less well, or not for ever."""
    return Finding(Status.WARNING, found, remedy)


def failed(found: str, remedy: str) -> Finding:
    """The agent cannot do its work, or its incidents cannot be relied on."""
    return Finding(Status.FAILED, found, remedy)


def not_applicable(found: str) -> Finding:
    """There is nothing of this kind on the machine or in the configuration."""
    return Finding(Status.NOT_APPLICABLE, found)
