"""What of a camera's address may be shown: never its user, password or tokens."""

from __future__ import annotations

import re

HIDDEN = "***"

_SECRET_IN_PATH = re.compile(
    r"(?i)(?<![a-z])(pass(?:word|wd)?|pwd|token|key|secret|auth|user(?:name)?)=[^&_/;?#]*"
)
_HARMLESS_VALUE = re.compile(r"^[0-9]{1,3}$")


def display(url: str) -> str:
    """The address without credentials; `url` may be a path, which is shown as it is."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    rest = rest.rpartition("@")[2]  # a password may hold any character, `@`, `/` and `?` included
    rest, _, query = rest.partition("?")
    shown = f"{scheme}://{_SECRET_IN_PATH.sub(lambda found: f'{found[1]}={HIDDEN}', rest)}"
    return f"{shown}?{_shown_query(query)}" if query else shown


def _shown_query(query: str) -> str:
    """Only what is plainly a channel or a stream number is kept."""
    pairs = (pair.partition("=") for pair in query.split("&"))
    return "&".join(
        name + equals + (value if not equals or _HARMLESS_VALUE.match(value) else HIDDEN)
        for name, equals, value in pairs
    )
