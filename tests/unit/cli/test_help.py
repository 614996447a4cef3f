"""What `--help` says is what was written: rich takes a word in brackets for markup and leaves it out."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Iterator, List

import pytest

ROOT = Path(__file__).parents[3]
SOURCES: List[Path] = sorted(
    path for folder in ("agent/cli", "models", "benchmarks") for path in (ROOT / folder).rglob("*.py")
)


def helps(path: Path) -> Iterator[str]:
    """Every text that is given as `help`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "help":
            yield "".join(
                str(part.value)
                for part in ast.walk(node.value)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_help_has_a_word_in_brackets(path: Path) -> None:
    assert [text for text in helps(path) if re.search(r"\[[a-z]", text)] == []


def test_there_is_help_to_look_at() -> None:
    assert sum(1 for path in SOURCES for _ in helps(path)) > 100
