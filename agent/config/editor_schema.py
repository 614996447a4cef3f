"""The JSON Schema by which editors complete and check the file; ours, since pydantic's differs by release."""

from __future__ import annotations

from typing import Any, Dict, Type

from agent.config.scalars import meaning
from agent.config.section import Section
from agent.config.shape import Setting, settings_of
from agent.config.wording import allowed

_REFERENCE = {"type": "string", "pattern": r"\$\{"}
_LIMITS = {"gt": "exclusiveMinimum", "ge": "minimum", "lt": "exclusiveMaximum", "le": "maximum"}


def editor_schema(root: Type[Section]) -> Dict[str, Any]:
    """A draft-07 schema of the whole file."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Beffroi configuration",
        **_group(root),
    }


def _group(section: Type[Section]) -> Dict[str, Any]:
    settings = settings_of(section)
    group: Dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _described(setting) for name, setting in settings.items()},
    }
    required = [name for name, setting in settings.items() if setting.required]
    return {**group, "required": required} if required else group


def _described(setting: Setting) -> Dict[str, Any]:
    words = allowed(setting)
    described = {"description": f"{setting.info.description} Must be {words}.", **_value(setting)}
    if setting.kind not in ("section", "sections") and setting.default is not None:
        default = setting.default
        described["default"] = default if isinstance(default, (bool, int, float)) else str(default)
    return described


def _value(setting: Setting) -> Dict[str, Any]:
    if setting.kind == "section":
        assert setting.section is not None
        return {**_group(setting.section), "type": ["object", "null"]}
    if setting.kind == "sections":
        assert setting.section is not None
        entry = _group(setting.section)
        if setting.section.shorthand is not None:
            entry = {"anyOf": [{"type": "string", "minLength": 1}, entry]}
        return {"type": "array", "minItems": 1, "items": entry}
    if setting.kind == "choice":
        # An unquoted 5 is a number to an editor and a text to us.
        numbers = [value for value in map(meaning, setting.choices) if not isinstance(value, str)]
        return {"anyOf": [{"enum": [*setting.choices, *numbers]}, _REFERENCE]}
    if setting.kind in ("integer", "number", "switch"):
        kind = "boolean" if setting.kind == "switch" else setting.kind
        limits = {word: setting.limit(name) for name, word in _LIMITS.items()}
        exact = {"type": kind, **{word: limit for word, limit in limits.items() if limit is not None}}
        return {"anyOf": [exact, *([{"type": "null"}] if setting.optional else []), _REFERENCE]}
    text: Dict[str, Any] = {"type": ["string", "number", *(["null"] if setting.optional else [])]}
    if setting.pattern is not None:
        return {"anyOf": [{**text, "pattern": setting.pattern}, _REFERENCE]}
    return text
