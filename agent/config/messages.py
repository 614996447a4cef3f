"""pydantic's errors in plain words, each with its place in the file.

Every error of a single setting says what the setting allows, whatever the library calls it; so releases of
pydantic that name or word their errors otherwise change nothing here.
"""

from __future__ import annotations

import difflib
import re
from typing import Any, Type

from pydantic_core import ErrorDetails

from agent.config.problems import START, Loc, Mark, Problem, dotted
from agent.config.resolve import Resolver
from agent.config.scalars import meaning
from agent.config.section import RULE, Section
from agent.config.shape import Setting, find, settings_of, walk
from agent.config.wording import advice, allowed, got, kind_of

_UNQUOTED = ("switch", "integer", "number")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,40}")


def problem(error: ErrorDetails, root: Type[Section], source: Resolver) -> Problem:
    """What to tell about one of pydantic's errors."""
    loc: Loc = tuple(error["loc"])
    section, setting = find(root, loc)
    context: Any = error.get("ctx", {})
    if error["type"] == RULE:
        at = context.get("at")
        value = error["input"] if at is None else error["input"].get(at)
        loc = loc if at is None else (*loc, at)
        problem = f"{context['problem']} (got {_shown(value, loc, source)})"
        return Problem(_value_mark(loc, source), loc, f"{problem}. {context['remedy']}")
    if error["type"] == "extra_forbidden":
        return Problem(source.keys.get(loc, START), loc[:-1], _unknown(str(loc[-1]), section, root))
    if error["type"] == "missing" and setting is not None:
        return Problem(_key_mark(loc[:-1], source), loc, f"is missing. {advice(setting)}")
    if setting is None:
        return Problem(
            _value_mark(loc, source),
            loc,
            f"must be settings, one a line (got {kind_of(error['input'])}). Write name: value",
        )
    return Problem(_value_mark(loc, source), loc, _wrong(error["input"], setting, loc, source))


def _wrong(value: Any, setting: Setting, loc: Loc, source: Resolver) -> str:
    if loc and isinstance(loc[-1], int):
        shorthand = "the text of its address" if setting.section and setting.section.shorthand else "a group"
        return f"must be a group of settings or {shorthand} (got {kind_of(value)}). {advice(setting)}"
    quoted = isinstance(value, str) and not isinstance(meaning(value), str)
    hint = "Leave the quotes out" if quoted and setting.kind in _UNQUOTED else advice(setting)
    hidden = setting.secret and value is not None
    shown = "***" if hidden else _shown(value, loc, source)
    if setting.section is not None:
        shown = kind_of(value)
    return f"must be {allowed(setting)} (got {shown})" + (f". {hint}" if hint else "")


def _shown(value: Any, loc: Loc, source: Resolver) -> str:
    return "***" if loc in source.hidden else got(value)


def _unknown(name: str, section: Type[Section], root: Type[Section]) -> str:
    """Names a key only where it looks like one: a password on a line of its own parses as a key, too."""
    possible = settings_of(section)
    if not _NAME.fullmatch(name):
        spaced = ' A name and its value need ": " between them, with the space.' if ":" in name else ""
        return f"unknown setting.{spaced} Possible here: {', '.join(possible)}"
    close = difflib.get_close_matches(name.lower().replace("-", "_"), possible, n=1, cutoff=0.6)
    if close:
        return f'unknown setting "{name}". Did you mean "{close[0]}"?'
    homes = [dotted(path) for path, _ in walk(root) if path[-1] == name]
    if homes:
        return f'unknown setting "{name}" here. Did you mean {" or ".join(homes)}?'
    return f'unknown setting "{name}". Possible here: {", ".join(possible)}'


def _value_mark(loc: Loc, source: Resolver) -> Mark:
    while loc and loc not in source.values:
        loc = loc[:-1]
    return source.values.get(loc, START)


def _key_mark(loc: Loc, source: Resolver) -> Mark:
    return source.keys.get(loc) or _value_mark(loc, source)
