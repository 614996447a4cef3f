"""YAML text to nodes that know their line and column; refuses what a settings file has no use for.

Only events are taken from the YAML library and no objects are built: a file can neither name Python types nor
grow through aliases, and what is nested too deeply is refused before it costs anything.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional, Union

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from agent.config.problems import START, Mark, Problem
from agent.config.syntax import explain

_DEPTH_LIMIT = 16


@dataclass(frozen=True)
class Scalar:
    """A text; `plain` where it stands without quotes, so that it can also mean a number, true or nothing."""

    mark: Mark
    text: str
    plain: bool


@dataclass(frozen=True)
class Entry:
    key: str
    key_mark: Mark
    value: Node


@dataclass(frozen=True)
class Mapping:
    mark: Mark
    entries: List[Entry]


@dataclass(frozen=True)
class Sequence:
    mark: Mark
    items: List[Node]


Node = Union[Scalar, Mapping, Sequence]


class _Stop(Exception):  # noqa: N818 - not an error: what follows cannot be read
    pass


def compose(text: str, problems: List[Problem]) -> Optional[Node]:
    """The document's node, what is wrong with it being added to `problems`; None where it is unreadable."""
    composer = _Composer(problems)
    try:
        return composer.document(composer.events(text))
    except _Stop:
        return None


class _Composer:
    def __init__(self, problems: List[Problem]) -> None:
        self._problems = problems
        self.last = START

    def events(self, text: str) -> Iterator[Any]:
        """What the library reads; its errors become problems."""
        try:
            yield from YAML(typ="safe", pure=True).parse(io.StringIO(text))
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.last = self.last if mark is None else _mark(mark)
            self._stop(explain(error.problem))
        except (YAMLError, AssertionError, AttributeError, IndexError, TypeError, ValueError):
            # The scanner has corners in which it fails without a word of its own.
            self._stop(explain(None))

    def document(self, events: Iterator[Any]) -> Optional[Node]:
        root: Optional[Node] = None
        ended = False
        for event in events:
            self.last = _mark(event.start_mark)
            if isinstance(event, DocumentStartEvent):
                if ended:
                    self._stop("a second document starts here. Keep one: delete the --- or ... before it")
            elif isinstance(event, DocumentEndEvent):
                ended = True
            elif not isinstance(event, (StreamStartEvent, StreamEndEvent)):
                root = self._node(event, events, 0)
        return root

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        mark = self.last = _mark(event.start_mark)
        if depth > _DEPTH_LIMIT:
            self._stop(f"is nested more than {_DEPTH_LIMIT} levels deep. No setting is: check the brackets")
        if isinstance(event, AliasEvent):
            self._problem(
                mark, "aliases (*name) are not used here. Write the value out, or put quotes around it"
            )
            return Scalar(mark, "", plain=True)
        if event.anchor is not None:
            self._problem(
                mark, "anchors (&name) are not used here. Delete it, or put quotes around the value"
            )
        if event.tag is not None and event.tag != "!":
            self._problem(mark, "tags (!name) are not used here. Delete it, or put quotes around the value")
        if isinstance(event, ScalarEvent):
            return Scalar(mark, event.value, plain=event.style in (None, ""))
        if isinstance(event, SequenceStartEvent):
            return self._sequence(mark, events, depth)
        assert isinstance(event, MappingStartEvent)
        return self._mapping(mark, events, depth)

    def _sequence(self, mark: Mark, events: Iterator[Any], depth: int) -> Sequence:
        items: List[Node] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            items.append(self._node(event, events, depth + 1))
        return Sequence(mark, items)

    def _mapping(self, mark: Mark, events: Iterator[Any], depth: int) -> Mapping:
        entries: List[Entry] = []
        seen: Dict[str, Mark] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if not isinstance(key, Scalar):
                self._problem(key.mark, "a setting's name must be a word. Write name: value")
            elif key.text in seen:
                line = seen[key.text].line
                self._problem(key.mark, f"is a setting that line {line} has already. Keep one of the two")
            else:
                seen[key.text] = key.mark
                entries.append(Entry(key.text, key.mark, _at(value, key.mark)))
        return Mapping(mark, entries)

    def _problem(self, mark: Mark, text: str) -> None:
        self._problems.append(Problem(mark, (), text))

    def _stop(self, text: str) -> None:
        self._problem(self.last, text)
        raise _Stop


def _at(value: Node, key_mark: Mark) -> Node:
    """What was left empty stands nowhere (the library says: where the next thing begins); show its name."""
    empty = isinstance(value, Scalar) and value.plain and not value.text
    return Scalar(key_mark, "", plain=True) if empty else value


def _mark(mark: Any) -> Mark:
    return Mark(mark.line + 1, mark.column + 1)
