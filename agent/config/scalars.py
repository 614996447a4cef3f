"""What an unquoted text means in YAML 1.2: nothing, true or false, a number, or itself."""

from __future__ import annotations

import re
from typing import Union

Value = Union[None, bool, int, float, str]

_NOTHING = frozenset(("", "~", "null", "Null", "NULL"))
_SWITCHES = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def means_nothing(text: str) -> bool:
    """True for what YAML reads as null."""
    return text in _NOTHING


def meaning(text: str) -> Value:
    """The value of an unquoted text."""
    if text in _NOTHING:
        return None
    if text in _SWITCHES:
        return _SWITCHES[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
