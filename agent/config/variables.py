"""The variables that a configuration may name: the environment's, and those of a secrets.env.

Under systemd 247 and newer secrets.env is a credential of the service, whose environment does not hold it. A
person who may read the file beside the configuration gets it from there: `beffroi check` sees what the
service does.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Dict, Mapping

NAME = "secrets.env"
_CREDENTIALS = "CREDENTIALS_DIRECTORY"
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)")
_QUOTED = re.compile(r"""'(?P<literal>[^']*)'|"(?P<text>(?:[^"\\]|\\.)*)\"""")
_ESCAPED = re.compile(r'\\(["\\`$])')
_BACKSLASH = re.compile(r"\\(.)")


def variables(environ: Mapping[str, str], folder: Path) -> Mapping[str, str]:
    """`environ`, and what the service's or else the configuration's `folder` secrets.env adds to it."""
    places = [Path(environ[_CREDENTIALS])] if environ.get(_CREDENTIALS) else []
    for place in [*places, folder]:
        try:
            text = (place / NAME).read_text(encoding="utf-8", errors="replace")
        except OSError:  # there is none, or it is not for us: whoever needs a variable of it will say so
            continue
        return {**assignments(text), **environ}
    return environ


def assignments(text: str) -> Dict[str, str]:
    """NAME=value lines as systemd's EnvironmentFile= reads them, but for values of several lines.

    A value may stand in quotes; comments begin with # or ;; other lines are passed over.
    """
    found = {}
    for line in text.splitlines():
        match = _ASSIGNMENT.fullmatch(line.strip())
        if match is not None:
            found[match[1]] = _value(match[2])
    return found


def _value(text: str) -> str:
    quoted = _QUOTED.fullmatch(text)
    if quoted is None:
        return _BACKSLASH.sub(r"\1", text)
    if quoted["literal"] is not None:
        return quoted["literal"]
    return _ESCAPED.sub(r"\1", quoted["text"])
