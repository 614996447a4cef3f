"""What settings allow, hold and look like, in words and in YAML."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Optional

from agent.config.scalars import meaning
from agent.config.shape import Setting

_UNITS = {"_s": " of seconds", "_days": " of days", "_bytes": " of bytes"}
_LONGEST = 40
_MISREAD = re.compile(r"^[-!&*?|>@`%{\[#'\"]|^\d+:\d+$|: | #")


def allowed(setting: Setting) -> str:
    """Words that follow "must be": a number of seconds above 0."""
    if setting.says is not None:
        return setting.says
    if setting.kind == "choice":
        return "one of " + ", ".join(setting.choices)
    if setting.kind in ("integer", "number"):
        unit = next((words for ending, words in _UNITS.items() if setting.name.endswith(ending)), "")
        whole = "whole " if setting.kind == "integer" else ""
        return f"a {whole}number{unit}{_range(setting)}"
    return {
        "section": "a group of settings (name: value)",
        "sections": "a list with at least one entry",
        "switch": "true or false",
        "path": "a path",
    }.get(setting.kind, "text")


def _range(setting: Setting) -> str:
    low, high = setting.limit("ge"), setting.limit("le")
    if low is not None and high is not None:
        return f" from {number(low)} to {number(high)}"
    words = []
    for name, text in (("gt", "above"), ("ge", "at least"), ("lt", "below"), ("le", "at most")):
        limit = setting.limit(name)
        if limit is not None:
            words.append(f"{text} {number(limit)}")
    return " " + " and ".join(words) if words else ""


def number(value: float) -> str:
    """Without a needless fraction or exponent."""
    return str(int(value)) if value == int(value) else repr(value)


def example(setting: Setting) -> Any:
    """A value that makes sense: the documented example, or else the default."""
    return setting.info.examples[0] if setting.info.examples else setting.default


def yaml_value(value: Any) -> str:
    """A leaf's value as it is written in the file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number(value)
    text = str(value) if isinstance(value, Path) else value
    quoted = not isinstance(meaning(text), str) or _MISREAD.search(text) is not None
    return json.dumps(text, ensure_ascii=False) if quoted else str(text)


def advice(setting: Setting) -> Optional[str]:
    """What to write instead; None where no example would help."""
    if setting.kind == "sections":
        return f"Write {setting.name}: and below it a line with - {example(setting)}"
    value = None if setting.kind == "section" else example(setting)
    return None if value is None else f"Write for example {setting.name}: {yaml_value(value)}"


def kind_of(value: Any) -> str:
    """What a value is where settings were expected; such a value is not shown, a password could be in it."""
    kinds = ((type(None), "nothing"), (dict, "a group of settings"), (list, "a list"), (str, "a text"))
    return next((words for kind, words in kinds if isinstance(value, kind)), "a number, true or false")


def got(value: Any) -> str:
    """A wrong value as an error may show it: short, on one line, no credentials.

    Of a text with spaces only the first word is shown: where quotes or a line's end are missing, the rest may
    be anything, a password too.
    """
    if value is None or isinstance(value, (dict, list)):
        return kind_of(value)
    if not isinstance(value, str):
        return yaml_value(value) if isinstance(value, (bool, int)) else repr(value)
    _, user, rest = value.rpartition("@")
    rest, query, _ = rest.partition("?")
    words = f"{'***@' if user else ''}{rest}{'?***' if query else ''}".split()
    first = words[0] if words else ""
    cut = first[:_LONGEST]
    return json.dumps(cut + ("..." if len(words) > 1 or cut != first else ""), ensure_ascii=False)
