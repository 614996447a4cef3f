"""Bring the catalogues up to date with the code: `python -m alerts.catalogues`; needs Babel.

Extracts every text, merges it into each language's .po (new ones come untranslated), and compiles the .mo
that the agent reads. A test fails while a text is untranslated or a .mo is older than its .po.
"""

from __future__ import annotations

import io
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, Iterator, List

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from alerts.languages import CATALOGUES, DOMAIN, LANGUAGES

KEYWORDS = {"t": None, "N_": None, "plural": (1, 2)}
_CODE = Path(__file__).parent
_WIDTH = 110
_EPOCH = datetime(2026, 1, 1, tzinfo=timezone.utc)
# No dates and names: the same texts make the same file, and git knows the rest.
_HEAD: Dict[str, Any] = {
    "project": "Beffroi",
    "version": "1",
    "charset": "utf-8",
    "fuzzy": False,
    "header_comment": "# Texts of the Beffroi bot; written by `python -m alerts.catalogues`.",
    "creation_date": _EPOCH,
    "revision_date": _EPOCH,
    "last_translator": "Beffroi",
    "language_team": "Beffroi",
    "msgid_bugs_address": "",
}


def translated() -> List[str]:
    """The languages that have a catalogue: all but the one of the message ids."""
    return [language for language in LANGUAGES if language != "en"]


def po_file(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def extracted() -> Catalog:
    """Every text of the package, with where it stands."""
    catalogue = Catalog(**_HEAD)
    for path, _line, message, comments, context in extract_from_dir(str(_CODE), keywords=KEYWORDS):
        catalogue.add(message, locations=[(path, 0)], auto_comments=comments, context=context)
    return catalogue


def read(language: str) -> Catalog:
    with po_file(language).open("rb") as stream:
        return read_po(stream, locale=language, domain=DOMAIN)


def compiled(catalogue: Catalog) -> bytes:
    """The bytes of the .mo."""
    stream = io.BytesIO()
    write_mo(stream, catalogue)
    return stream.getvalue()


def untranslated(catalogue: Catalog) -> Iterator[Message]:
    """Messages without a translation in full, or with one that nobody has confirmed."""
    for message in catalogue:
        if message.id and (message.fuzzy or not all(forms(message))):
            yield message


def forms(message: Message) -> List[str]:
    """The translation, or its plural forms; an empty text where there is none yet."""
    string: Any = message.string
    return [form or "" for form in (string if isinstance(string, (list, tuple)) else [string])]


def update(language: str, template: Catalog) -> int:
    """Merge, write .po and .mo; returns how many texts are still to be translated."""
    path = po_file(language)
    if path.exists():
        catalogue = read(language)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue = Catalog(locale=language, domain=DOMAIN, **_HEAD)
    catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    catalogue.header_comment = _HEAD["header_comment"]
    with path.open("wb") as stream:
        write_po(stream, catalogue, width=_WIDTH, omit_header=False, sort_output=True, ignore_obsolete=True)
    path.with_suffix(".mo").write_bytes(compiled(catalogue))
    return sum(1 for _ in untranslated(catalogue))


def main() -> None:
    template = extracted()
    for language in translated():
        print(f"{language}: {update(language, template)} of {len(template)} texts to translate")


if __name__ == "__main__":
    main()
