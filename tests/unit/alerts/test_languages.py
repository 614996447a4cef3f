from __future__ import annotations

import gettext
import re
from typing import List

import pytest

from alerts.languages import CATALOGUES, DOMAIN, LANGUAGES, Markup, texts

catalogues = pytest.importorskip("alerts.catalogues", reason="Babel is not installed")

LINES = ["fr", "nl"]


def marks(text: str) -> List[str]:
    """What must survive translation: the names of values, and the tags."""
    return sorted(re.findall(r"\{\w+\}|</?\w+", text))


def test_english_is_the_language_of_the_texts_themselves() -> None:
    assert texts("en")("Camera {name}", name="A & B") == "Camera A &amp; B"
    assert texts("tlh").language == "en"
    assert texts("en").plural("{n} camera", "{n} cameras", 2) == "2 cameras"


def test_values_are_escaped_but_for_markup() -> None:
    t = texts("en")
    assert t("{a}{b}{c}", a="<b>", b=Markup("<b>"), c=1.5) == "&lt;b&gt;<b>1.5"


def test_every_language_but_english_has_a_catalogue() -> None:
    assert sorted(path.name for path in CATALOGUES.iterdir()) == sorted(set(LANGUAGES) - {"en"}) == LINES


@pytest.mark.parametrize("language", LINES)
def test_no_text_is_untranslated(language: str) -> None:
    catalogue = catalogues.read(language)
    wanted = {message.id for message in catalogues.extracted() if message.id}
    known = {message.id for message in catalogue if message.id}
    advice = "run `python -m alerts.catalogues` and translate"
    assert wanted == known, advice
    assert [message.id for message in catalogues.untranslated(catalogue)] == [], advice


@pytest.mark.parametrize("language", LINES)
def test_translations_keep_values_and_tags(language: str) -> None:
    for message in catalogues.read(language):
        if not message.id:
            continue
        originals = message.id if isinstance(message.id, (list, tuple)) else [message.id]
        for translation in catalogues.forms(message):
            assert any(marks(translation) == marks(original) for original in originals), translation


@pytest.mark.parametrize("language", LINES)
def test_what_the_agent_reads_is_what_was_translated(language: str) -> None:
    compiled = gettext.translation(DOMAIN, CATALOGUES, [language])
    for message in catalogues.read(language):
        if isinstance(message.id, str) and message.id:
            assert compiled.gettext(message.id) == message.string
        elif message.id:
            for n in (0, 1, 2, 5):
                one, many = message.id
                assert compiled.ngettext(one, many, n) in message.string


def test_a_new_text_comes_untranslated_and_the_old_ones_stay(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogues, "CATALOGUES", tmp_path)
    template = catalogues.Catalog(fuzzy=False)
    template.add("Fire")
    assert catalogues.update("fr", template) == 1
    path = catalogues.po_file("fr")
    path.write_text(
        path.read_text(encoding="utf-8").replace('msgid "Fire"\nmsgstr ""', 'msgid "Fire"\nmsgstr "Feu"')
    )
    template.add("Smoke")
    assert catalogues.update("fr", template) == 1
    assert {message.id: message.string for message in catalogues.read("fr") if message.id} == {
        "Fire": "Feu",
        "Smoke": "",
    }
