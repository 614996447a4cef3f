"""The verbs of `beffroi`, and what is imported for each."""

from __future__ import annotations

import subprocess
import sys
from typing import Sequence

import pytest

from agent.cli import GROUPS, VERBS, command_line
from tests.fakes.cli import runner

_HEAVY = ("sqlalchemy", "cv2", "av", "numpy", "onnxruntime", "pydantic")


def imported(*arguments: str) -> Sequence[str]:
    """Which of the heavy packages a call of the command line has imported."""
    script = (
        "import sys\nfrom agent.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
        f"sys.stderr.write(' '.join(name for name in {_HEAVY!r} if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stderr.split()


def test_without_a_verb_all_are_listed() -> None:
    said = runner().invoke(command_line([]), ["--help"])
    assert said.exit_code == 0
    assert [name for name in VERBS + GROUPS if name not in said.stdout.split()] == []


@pytest.mark.parametrize("verb", VERBS + GROUPS)
def test_a_verb_by_itself_is_the_same_as_among_all(verb: str) -> None:
    alone, among = (runner().invoke(command_line(words), [verb, "--help"]) for words in ([verb], []))
    assert alone.exit_code == 0
    assert f"beffroi {verb}" in alone.stdout
    assert alone.stdout == among.stdout


def test_a_verb_that_is_none_is_refused_by_name() -> None:
    said = runner().invoke(command_line(["wacht"]), ["wacht"])
    assert said.exit_code == 2
    assert "wacht" in said.stderr


def test_the_version_is_told_without_what_verbs_need() -> None:
    assert imported("--version") == []


def test_a_verb_is_imported_without_the_others() -> None:
    assert "sqlalchemy" not in imported("check", "--help")
    assert "onnxruntime" not in imported("incidents", "--help")
