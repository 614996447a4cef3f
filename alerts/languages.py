"""What people read, in their language: gettext catalogues, English where one is missing."""

from __future__ import annotations

import gettext
from functools import lru_cache
from html import escape
from pathlib import Path

LANGUAGES = {"en": "English", "fr": "Français", "nl": "Nederlands"}
"""Code to the language's own name; English is the language of the message ids."""

DOMAIN = "beffroi"
CATALOGUES = Path(__file__).parent / "locale"


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a text for translation where it is written; it is translated where it is shown."""
    return message


class Texts:
    """One language. A text is an HTML fragment of the few tags that Telegram knows; values are escaped.

    Call with the English text and its values: `t("{camera} is blind", camera=name)`. Extraction finds the
    calls by the name `t` (and `t.plural`), so call it so.
    """

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "en"
        self._catalogue = gettext.translation(DOMAIN, CATALOGUES, [self.language], fallback=True)

    def __call__(self, message: str, **values: object) -> str:
        return self._catalogue.gettext(message).format(**_safe(values))

    def plural(self, one: str, many: str, n: int, **values: object) -> str:
        """`one` or `many` as the language's own rule says for `n`, which is a value, too."""
        return self._catalogue.ngettext(one, many, n).format(**_safe({"n": n, **values}))


class Markup(str):
    """A value that is HTML already."""


@lru_cache(maxsize=None)
def texts(language: str) -> Texts:
    """The texts of a language, English where it is not known."""
    return Texts(language)


def _safe(values: dict[str, object]) -> dict[str, object]:
    return {
        name: value if isinstance(value, (Markup, int, float)) else escape(str(value), quote=False)
        for name, value in values.items()
    }
