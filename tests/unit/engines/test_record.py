from __future__ import annotations

import json
from typing import Any, Dict

import pytest

from agent.engines.record import Record, read, write
from tests.unit.engines.shapes import AT, GOOD, KEY

RECORD = Record(KEY, "ef" * 32, 1234, AT, 61.5, GOOD, ("a note",))


def test_what_is_written_is_read() -> None:
    assert read(write(RECORD)) == RECORD


def test_people_can_read_it() -> None:
    lines = write(RECORD).splitlines()
    assert '    "tensorrt": "8.5.2.2"' in "\n".join(line[2:] for line in lines)


@pytest.mark.parametrize(
    "changed",
    [
        {"schema_version": 2},
        {"key": None},
        {"size": "many"},
        {"built_at": "2026-01-01T12:00:00"},
        {"built_at": "yesterday"},
        {"parity": {"pictures": 1}},
    ],
)
def test_what_is_no_record_is_refused(changed: Dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"schema|record|time|literal|isoformat"):
        read(json.dumps({**json.loads(write(RECORD)), **changed}))


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "{}"])
def test_nor_is_anything_else(text: str) -> None:
    with pytest.raises(ValueError, match=r"record|Expecting"):
        read(text)
