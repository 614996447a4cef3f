from __future__ import annotations

from typing import Optional, Tuple

import pytest

from alerts.bot.spelling import meant, typed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/status", ("status", (), False)),
        ("/STATUS now", ("status", ("now",), False)),
        ("/status@Beffroi_Bot x  y", ("status", ("x", "y"), True)),
        ("/start\nCODE", ("start", ("CODE",), False)),
        ("/status@other_bot", None),
        ("status", None),
        (" /status", None),
        ("/", None),
        ("/häus", None),
        ("/a-b", None),
        ("//x", None),
    ],
)
def test_commands_as_they_are_typed(text: str, expected: Optional[Tuple[object, ...]]) -> None:
    found = typed(text, "beffroi_bot")
    assert (found and (found.name, found.arguments, found.addressed)) == expected


def test_what_is_typed_is_bounded() -> None:
    found = typed("/x " + "y" * 5000 + " z" * 5000, "bot")
    assert found is not None
    assert len(found.arguments) == 32
    assert len(found.arguments[0]) == 128


def test_what_a_typo_meant() -> None:
    names = ["start", "status", "snapshot", "silence"]
    assert meant("statsu", names) == "status"
    assert meant("SILENSE", names) == "silence"
    assert meant("stat", names) == "status"
    assert meant("sta", names) == "start"
    assert meant("weather", names) is None
