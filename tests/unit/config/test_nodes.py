from __future__ import annotations

from typing import List

import pytest

from agent.config.nodes import Mapping, Scalar, compose
from agent.config.problems import Mark, Problem
from agent.config.syntax import explain
from tests.unit.config.writing import CAMERA, Desk


def test_names_and_values_know_their_place() -> None:
    problems: List[Problem] = []
    root = compose("a: 1\nb:\n  - 'x'\nc:\n", problems)
    assert isinstance(root, Mapping)
    assert not problems
    assert [(entry.key, entry.key_mark) for entry in root.entries] == [
        ("a", Mark(1, 1)),
        ("b", Mark(2, 1)),
        ("c", Mark(4, 1)),
    ]
    assert root.entries[0].value == Scalar(Mark(1, 4), "1", plain=True)
    assert root.entries[2].value == Scalar(Mark(4, 1), "", plain=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fire:\n\tneeded: 5\n", "2:1: a tab cannot indent. Use spaces"),
        ("site: a: b\n", '1:8: a second ": " in one value. Put quotes around the value'),
        ("site: @x\n", "1:7: this character cannot start a value"),
        ("site: 'x\n", "2:1: the file ends inside a quoted text"),
        ("site: 'x\n---\n", "2:1: the document ends inside a quoted text"),
        ('site: "\\q"\n', "1:9: unknown escape after a backslash"),
        ('site: "\\xz"\n', "1:10: unfinished escape after a backslash"),
        ("cameras: [a\n", "2:1: a list that is not closed"),
        ("fire: {needed: 5\n", "2:1: a group that is not closed"),
        ("fire:\n    needed: 5\n  window: 8\n", "3:3: the indentation does not match"),
        ("site: x\nword\nfire:\n", '3:1: a name without ": "'),
        ("site: - x\n", '1:7: a "- " cannot stand here'),
        ("site: x ? y: z\n", '1:12: a second ": " in one value'),
        ("site: *\n", "1:8: a value cannot start with & or *"),
        ("site: !a!b c\n", "1:7: a value cannot start with !"),
        ("site: |x\n", "1:8: a value cannot start with | or >"),
        ("%YAML 3.0\n---\na: b\n", "1:1: a file of another YAML version"),
        ("site: a\n---\nsite: b\n", "2:1: a second document starts here"),
        ("site: a\n...\nsite: b\n", "3:1: a second document starts here"),
        ("", "1:1: the file is empty. One camera is enough"),
        ("# nothing\n", "1:1: the file is empty."),
        ("[" * 30, "1:18: is nested more than 16 levels deep"),
        ("[" * 200_000, "1:18: is nested more than 16 levels deep"),
        ("{a: " * 1000, "1:"),
        ("- " * 50_000, "1:"),
    ],
)
def test_what_is_not_yaml_is_told_in_plain_words(desk: Desk, text: str, expected: str) -> None:
    assert desk.problem(text).startswith(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("site: x\nsite: y\n", "2:1: is a setting that line 1 has already. Keep one of the two"),
        ("? [a]\n: b\n", "1:3: a setting's name must be a word"),
        ("site: &a x\n", "1:7: anchors (&name) are not used here"),
        ("site: !!str x\n", "1:7: tags (!name) are not used here"),
        ("site: !<tag:x> x\n", "1:7: tags (!name) are not used here"),
        ("site: !!python/object/apply:os.system [x]\n", "1:7: tags (!name) are not used here"),
    ],
)
def test_what_a_settings_file_has_no_use_for_is_refused(desk: Desk, text: str, expected: str) -> None:
    assert any(problem.startswith(expected) for problem in desk.problems(text + CAMERA))


def test_aliases_are_refused_before_they_grow(desk: Desk) -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [*{before}, *{before}, *{before}]\n" for before, name in zip("abcdefgh", "bcdefghi")
    )
    problems = desk.problems(bomb)
    assert "1:4: anchors (&name) are not used here. Delete it, or put quotes around the value" in problems
    assert "2:8: aliases (*name) are not used here. Write the value out, or put quotes around it" in problems


def test_an_alias_to_nothing_does_not_quote_the_file(desk: Desk) -> None:
    assert "hunter2" not in "\n".join(desk.problems("mqtt: {host: h, password: *hunter2}\n"))


def test_unforeseen_problems_have_words_too() -> None:
    assert explain("a new kind of problem").startswith("is not YAML. Write name: value")
    assert explain(None) == explain("another")
