from __future__ import annotations

from pathlib import Path
from typing import Optional

import pytest

from agent.device.commands import Answer
from agent.device.timekeeping import kernel_error_us, synchronised
from tests.fakes.asking import Programs
from tests.fakes.device_tree import Tree, pc

ASKED = "timedatectl show --property=NTPSynchronized --value"


@pytest.mark.parametrize(("error_us", "kept"), [(0, True), (15_999_999, True), (16_000_000, False)])
def test_the_kernel_has_the_first_word(tmp_path: Path, error_us: int, kept: bool) -> None:
    programs = Programs({ASKED: "no" if kept else "yes"})
    assert synchronised(pc(tmp_path).root, lambda: error_us, programs) is kept


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (Answer(0, "yes"), True),
        (Answer(0, "no"), False),
        (Answer(0, "maybe"), None),
        (Answer(1, "Failed to connect to bus"), None),
    ],
)
def test_then_timedatectl(tmp_path: Path, answer: Answer, kept: Optional[bool]) -> None:
    assert synchronised(Tree(tmp_path).root, lambda: None, Programs({ASKED: answer})) is kept


def test_then_what_timesyncd_left(tmp_path: Path) -> None:
    assert synchronised(pc(tmp_path).root, ask=Programs()) is True
    assert synchronised(Tree(tmp_path / "empty").root) is None


def test_this_kernel_answers_or_refuses() -> None:
    found = kernel_error_us()
    assert found is None or 0 <= found <= 16_000_000
