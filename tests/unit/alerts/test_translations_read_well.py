from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Iterator, List, Set, Tuple

import pytest

import alerts
from agent.domain.incident import Kind
from alerts.bot.hours import duration_s, week
from alerts.bot.words import weekday
from alerts.languages import texts
from alerts.telegram.words import duration, kind_name

catalogues = pytest.importorskip("alerts.catalogues", reason="Babel is not installed")

LANGUAGES = ["fr", "nl"]
SAME_IN_BOTH = {
    "<b>Beffroi {version}</b>",
    "<i>Incident {id}</i>",
    "bus",
    "{min} min",
    "{s} s",
}
SAME = {
    "fr": {*SAME_IN_BOTH, "{h} h", "{h} h {min} min", "train", "🔕 Silence 1 h"},
    "nl": {
        *SAME_IN_BOTH,
        "Model: {name} ({backend}, {precision})",
        "Object",
        "open",
        "operator",
        "{amount} GB",
        "{amount} MB",
        "{d} d",
        "{mark} {step}: {ms} ms",
        "{mark} {step}: {ms} ms ({detail})",
        "🔴 offline",
    },
}
"""What a language says in the very words of English."""
ON_BUTTONS_BY_NAME = {"All", "Face", "Object", "viewer", "operator", "enroller", "administrator"}
MOST_ON_A_BUTTON, SHORT_ON_A_BUTTON, LONGER = 24, 12, 1.6
"""Two stand side by side on a phone: characters at most, never too many, and times the English."""


def pairs(language: str) -> Iterator[Tuple[str, str]]:
    """Every English text with its translation; plural forms one by one."""
    for message in catalogues.read(language):
        if isinstance(message.id, str) and message.id:
            yield message.id, message.string
        elif message.id:
            yield from zip(message.id, message.string)


def words(text: str) -> str:
    """What is left to translate: no names of values, no tags, no marks."""
    return re.sub(r"\{\w+\}|</?\w+>|[\W\d_]", "", text)


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def written(tree: ast.AST, names: Set[str]) -> Iterator[str]:
    """The texts that are handed to functions of these names, wherever they are called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in names:
            yield from (each.value for each in node.args if isinstance(each, ast.Constant))


def modules() -> List[ast.Module]:
    files = Path(alerts.__file__).parent.rglob("*.py")
    return [ast.parse(path.read_text(encoding="utf-8")) for path in files]


def on_buttons() -> Set[str]:
    found = set(ON_BUTTONS_BY_NAME)
    for tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node) in ("button", "_button") and node.args:
                found.update(written(node.args[0], {"t"}))
    return found


def test_every_text_in_the_code_is_known_to_the_catalogues() -> None:
    # The extraction may overlook one, such as within an f-string.
    known = {message.id for message in catalogues.extracted()}
    known |= {one for each in known if isinstance(each, tuple) for one in each}
    assert [text for tree in modules() for text in written(tree, {"t", "N_"}) if text not in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_is_not_the_english_but_on_purpose(language: str) -> None:
    left = {english for english, said in pairs(language) if said == english and words(english)}
    assert left == SAME[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_stay_short(language: str) -> None:
    labels = on_buttons()
    assert {"✅ Acknowledge", "Until armed again", "Yes, agreed"} <= labels
    translations = dict(pairs(language))
    for english in labels:
        said = translations[english]
        most = min(MOST_ON_A_BUTTON, max(SHORT_ON_A_BUTTON, int(LONGER * len(english))))
        assert len(said) <= most, said


@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_are_called_the_same_in_every_language(language: str) -> None:
    command = re.compile(r"(?<![\w<])/[a-z]+")
    for english, said in pairs(language):
        assert sorted(command.findall(english)) == sorted(command.findall(said)), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_whole_sentences_stay_whole(language: str) -> None:
    for english, said in pairs(language):
        assert said == said.strip(), said
        assert (english[-1] in ".?:") == (said[-1] in ".?:"), said


def test_french_signs_do_not_begin_a_line() -> None:
    for _, said in pairs("fr"):
        assert not re.search(r"[^\S\u00a0][!?:;»](?=\s|$)|«[^\u00a0]", said), said
        assert not re.search(r"\w[!?;»](?=\s|$)|\w:(?=\s)", said), said


@pytest.mark.parametrize(
    ("language", "familiar"),
    [("fr", r"tu|toi|te|ton|tes"), ("nl", r"je|jij|jou|jouw|jullie")],
)
def test_people_are_addressed_formally(language: str, familiar: str) -> None:
    found = [said for _, said in pairs(language) if re.search(rf"\b({familiar})\b", said, re.IGNORECASE)]
    assert found == []


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
@pytest.mark.parametrize("seconds", [45, 30 * 60, 3600, 2 * 86_400])
def test_a_duration_can_be_typed_as_it_is_shown(language: str, seconds: int) -> None:
    assert duration_s(duration(seconds, texts(language)).replace(" ", "")) == seconds


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_days_can_be_typed_as_they_are_shown(language: str) -> None:
    for number in range(7):
        read = week([weekday(number, texts(language)), "08:00-09:00"])
        assert read is not None
        assert read[0].days == (number,)


@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_can_be_typed_as_they_are_shown(language: str) -> None:
    t = texts(language)
    hours = "These hours cannot be read. Write for example: mon-fri 18:00-07:00 sat-sun 00:00-24:00"
    assert week(t(hours).split(": ", 1)[1].split()) == week(hours.split(": ", 1)[1].split())
    armed = "Which camera shall be armed? Hours can be given too: /arm yard mon-fri 18:00-07:00"
    assert week(t(armed).split()[-2:]) == week(armed.split()[-2:])
    silence = "Which camera, which kind, how long? For example: /silence yard object 1h"
    *_, kind, lasts = t(silence).split()
    assert kind == kind_name(Kind.OBJECT, t).casefold()
    assert duration_s(lasts) == 3600
    spans = re.findall(
        r"\b\d+[a-z]\b", t("“{word}” is no duration. Write 30m, 1h, 2d; 30 days at most.", word="")
    )
    assert [duration_s(span) for span in spans] == [1800, 3600, 2 * 86_400]
