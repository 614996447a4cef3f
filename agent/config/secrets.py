"""Values that do not stand in the file: ${VARIABLE}, ${VARIABLE:-default} and file:/path."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Mapping, Match

_SIZE_LIMIT = 64 * 1024
_REFERENCE = re.compile(r"\$\$(?=\{)|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{")


class Unresolved(Exception):  # noqa: N818 - becomes a problem with a place
    """Says what is wrong and what to write instead, without the value."""


def expand(text: str, environ: Mapping[str, str]) -> str:
    """`text` with each reference replaced; $${ stands for ${ itself.

    Raises Unresolved where a variable is unset or empty and has no default, or a reference is not one.
    """

    def value(match: Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        name, default = match[1], match[2]
        if name is None:
            raise Unresolved(
                'has a "${" that is no ${VARIABLE}. Close it with }, or write "$${" for the text itself'
            )
        found = environ.get(name) or default
        if found is None:
            raise Unresolved(
                f"the environment variable {name} is not set or empty. Set it, or write ${{{name}:-default}}"
            )
        return found

    return _REFERENCE.sub(value, text)


def from_file(name: str, folder: Path) -> str:
    """The text of a file, without the line's end; a relative name counts from `folder`.

    Raises Unresolved where it cannot be read, is empty or is no text.
    """
    path = folder / name
    try:
        with path.open("rb") as file:
            data = file.read(_SIZE_LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        raise Unresolved(
            f"the secret's file cannot be read ({reason}). Write file: and a readable file"
        ) from None
    try:
        text = data.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        text = ""
    if len(data) > _SIZE_LIMIT or not text or not text.isprintable():
        raise Unresolved(
            "the secret's file is empty or not one line of text. Put the secret alone into it "
            "(to replay a video, write its path without file:)"
        )
    return text
