"""Nodes to plain data: secrets fetched, texts read as their settings want them, places remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Set, Type

from agent.config import nodes, scalars
from agent.config.addresses import objection
from agent.config.problems import Loc, Mark, Problem
from agent.config.secrets import Unresolved, expand, from_file
from agent.config.section import Section
from agent.config.shape import Setting, settings_of
from agent.config.variables import variables

_TEXTS = ("text", "path", "choice", "secret")


class Resolver:
    """Fills `data`'s places and secrets while it goes through the nodes of one file.

    keys, values: where each setting's name and value stand. hidden: the settings whose value must not be
    shown. failed: those that already have a problem. secrets: the texts to strike out of messages.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str], problems: List[Problem]) -> None:
        self._folder = folder
        self._environ = variables(environ, folder)
        self._problems = problems
        self.keys: Dict[Loc, Mark] = {}
        self.values: Dict[Loc, Mark] = {}
        self.hidden: Set[Loc] = set()
        self.failed: Set[Loc] = set()
        self.secrets: Set[str] = set()

    def section(self, node: nodes.Node, model: Type[Section], loc: Loc = ()) -> Any:
        """The data of a section; what is no group of settings is passed on for the validation to refuse."""
        self.values[loc] = node.mark
        if not isinstance(node, nodes.Mapping):
            return self._misplaced(node)
        settings = settings_of(model)
        data: Dict[str, Any] = {}
        for entry in node.entries:
            here = (*loc, entry.key)
            self.keys[here] = entry.key_mark
            self.values[here] = entry.value.mark
            setting = settings.get(entry.key)
            if setting is None:
                data[entry.key] = None
            elif not self._left_empty(setting, entry.value):
                data[entry.key] = self._value(entry.value, setting, here)
        return data

    def _left_empty(self, setting: Setting, node: nodes.Node) -> bool:
        """A section of which only the name is left, all else being comments, has its defaults."""
        empty = isinstance(node, nodes.Scalar) and node.plain and scalars.means_nothing(node.text)
        return empty and setting.kind == "section" and not setting.optional

    def _value(self, node: nodes.Node, setting: Setting, loc: Loc) -> Any:
        if setting.kind == "section" and setting.section is not None:
            return self.section(node, setting.section, loc)
        if setting.kind == "sections" and setting.section is not None:
            if not isinstance(node, nodes.Sequence):
                return self._misplaced(node)
            return [self._entry(item, setting.section, (*loc, i)) for i, item in enumerate(node.items)]
        if not isinstance(node, nodes.Scalar):
            return self._misplaced(node)
        return self._scalar(node, setting, loc)

    def _entry(self, node: nodes.Node, model: Type[Section], loc: Loc) -> Any:
        self.values[loc] = node.mark
        shorthand = settings_of(model).get(model.shorthand or "")
        node = _address_with_colon(node)
        if shorthand is None or not isinstance(node, nodes.Scalar):
            return self.section(node, model, loc)
        return self._scalar(node, shorthand, (*loc, shorthand.name))

    def _misplaced(self, node: nodes.Node) -> Any:
        if isinstance(node, nodes.Scalar):
            return scalars.meaning(node.text) if node.plain else node.text
        return {} if isinstance(node, nodes.Mapping) else []

    def _scalar(self, node: nodes.Scalar, setting: Setting, loc: Loc) -> Any:
        text = self._fetched(node, setting, loc)
        if text is None:
            self.failed.add(loc)
            return node.text
        if setting.secret or loc in self.hidden:
            self.hidden.add(loc)
            self.secrets.update((text, node.text))
        literal = not node.plain and loc not in self.hidden
        if setting.kind in _TEXTS:
            return None if node.plain and scalars.means_nothing(text) else text
        return text if literal else scalars.meaning(text)

    def _fetched(self, node: nodes.Scalar, setting: Setting, loc: Loc) -> Optional[str]:
        try:
            text = expand(node.text, self._environ)
            if setting.secret and text.startswith("file:"):
                text = from_file(text[len("file:") :], self._folder)
        except Unresolved as error:
            self._problems.append(Problem(node.mark, loc, str(error)))
            return None
        if text != node.text:
            self.hidden.add(loc)
        return text


def _address_with_colon(node: nodes.Node) -> nodes.Node:
    """`- scene:` is to YAML a group with an empty setting, and to people an address."""
    if not isinstance(node, nodes.Mapping) or len(node.entries) != 1:
        return node
    (entry,) = node.entries
    empty = isinstance(entry.value, nodes.Scalar) and entry.value.plain and not entry.value.text
    if not empty or objection(f"{entry.key}:") is not None:
        return node
    return nodes.Scalar(node.mark, f"{entry.key}:", plain=True)
