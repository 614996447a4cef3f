"""The settings as a tree of names, kinds and limits, read off the models."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Iterator, List, Literal, Mapping, Optional, Tuple, Type, Union

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from typing_extensions import Annotated, get_args, get_origin

from agent.config.problems import Loc
from agent.config.section import Says, Section

Kind = Literal["section", "sections", "secret", "text", "path", "choice", "switch", "integer", "number"]

_LEAVES: Dict[Any, Kind] = {
    SecretStr: "secret",
    str: "text",
    Path: "path",
    bool: "switch",
    int: "integer",
    float: "number",
}


@dataclass(frozen=True)
class Setting:
    """One setting. `section` is the model of the section, or of the list's entries."""

    name: str
    kind: Kind
    info: FieldInfo
    optional: bool
    choices: Tuple[str, ...] = ()
    section: Optional[Type[Section]] = None
    says: Optional[str] = None

    @property
    def required(self) -> bool:
        return self.info.is_required()

    @property
    def secret(self) -> bool:
        return self.kind == "secret"

    @property
    def default(self) -> Any:
        return None if self.required else self.info.default

    def limit(self, name: str) -> Optional[float]:
        """The limit gt, ge, lt or le (of a number), where it has one."""
        found = (getattr(item, name, None) for item in self.info.metadata)
        return next((limit for limit in found if limit is not None), None)

    @property
    def pattern(self) -> Optional[str]:
        found = (getattr(item, "pattern", None) for item in self.info.metadata)
        return next((pattern for pattern in found if isinstance(pattern, str)), None)


@lru_cache(maxsize=None)
def settings_of(section: Type[Section]) -> Mapping[str, Setting]:
    """The settings of one section, in the order of the model."""
    return {name: _setting(name, info) for name, info in section.model_fields.items()}


def walk(section: Type[Section], above: Tuple[str, ...] = ()) -> Iterator[Tuple[Tuple[str, ...], Setting]]:
    """Every setting below `section`, each after its section; a list's entries show as name[]."""
    for name, setting in settings_of(section).items():
        yield (*above, name), setting
        if setting.section is not None:
            here = f"{name}[]" if setting.kind == "sections" else name
            yield from walk(setting.section, (*above, here))


def find(root: Type[Section], loc: Loc) -> Tuple[Type[Section], Optional[Setting]]:
    """The section that holds the setting at `loc`, and the setting; None where there is none of that name.

    For an entry of a list it is the section of the entries, and the list.
    """
    section, setting = root, None
    for depth, part in enumerate(loc, 1):
        if isinstance(part, int):
            continue
        setting = settings_of(section).get(part)
        if setting is None:
            break
        if setting.section is not None and depth < len(loc):
            section = setting.section
    return section, setting


def _setting(name: str, info: FieldInfo) -> Setting:
    bare, extras, optional = _unwrapped(info.annotation, list(info.metadata))
    says = next((item.words for item in extras if isinstance(item, Says)), None)
    if get_origin(bare) is list:
        return Setting(name, "sections", info, optional, section=get_args(bare)[0], says=says)
    if get_origin(bare) is Literal:
        return Setting(name, "choice", info, optional, choices=get_args(bare), says=says)
    if isinstance(bare, type) and issubclass(bare, Section):
        return Setting(name, "section", info, optional, section=bare, says=says)
    return Setting(name, _LEAVES[bare], info, optional, says=says)


def _unwrapped(annotation: Any, extras: List[Any]) -> Tuple[Any, List[Any], bool]:
    """The type inside Optional and Annotated, what Annotated says of it, and whether nothing is allowed."""
    optional = False
    while True:
        if get_origin(annotation) is Union:
            (annotation,) = (arg for arg in get_args(annotation) if arg is not type(None))
            optional = True
        elif get_origin(annotation) is Annotated:
            extras = [*extras, *annotation.__metadata__]
            annotation = get_args(annotation)[0]
        else:
            return annotation, extras, optional
