"""Codes in any writing, texts of any kind, and tables that stay small whatever strangers do."""

from __future__ import annotations

import re
from contextlib import closing
from typing import Dict, List, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.store import dialogues as dialogues_module
from agent.store import members as members_module
from agent.store import strangers as strangers_module
from agent.store.database import open_database
from agent.store.dialogues import Dialogues
from agent.store.members import Members
from agent.store.pairing_code import ALPHABET, LENGTH, draw, read, written
from agent.store.strangers import Strangers
from agent.store.texts import one_line
from tests.fakes.clock import FakeClock
from tests.fakes.disk import fast_folder

CODES = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)
BETWEEN = st.text(" -_.\t\n\u2011\u2014\u00a0", max_size=3)
ANY_TEXT = st.text(st.characters(), max_size=300)  # lone surrogates too


@given(CODES, st.lists(st.tuples(BETWEEN, st.booleans()), min_size=LENGTH, max_size=LENGTH))
def test_a_code_is_read_however_it_is_typed(code: str, typing: List[Tuple[str, bool]]) -> None:
    typed = "".join(gap + (letter.lower() if low else letter) for letter, (gap, low) in zip(code, typing))
    assert read(typed) == code
    assert read(written(code)) == code


@given(ANY_TEXT)
def test_what_is_read_is_a_code_or_nothing(text: str) -> None:
    code = read(text)
    assert code is None or re.fullmatch(f"[{ALPHABET}]{{{LENGTH}}}", code)


@given(CODES, st.integers(0, LENGTH - 1), st.characters(blacklist_characters=ALPHABET + ALPHABET.lower()))
def test_a_letter_that_is_in_no_code_makes_it_none(code: str, at: int, letter: str) -> None:
    assert read(code[:at] + letter + code[at + 1 :]) is None


def test_codes_are_drawn_from_the_whole_alphabet() -> None:
    drawn = {draw() for _ in range(1000)}
    assert len(drawn) == 1000
    assert set("".join(drawn)) == set(ALPHABET)


@given(ANY_TEXT, st.integers(1, 100))
def test_a_kept_text_is_short_on_one_line_and_utf8(text: str, longest: int) -> None:
    kept = one_line(text, longest)
    assert len(kept) <= longest
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", kept)
    assert kept.encode().decode() == kept
    assert one_line(kept, longest) == kept


@given(st.text("abc é👩", max_size=20))
def test_an_honest_text_is_kept_as_it_is(text: str) -> None:
    assert one_line(text, 20) == " ".join(text.split())


CHATS = st.integers(1, 12)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(CHATS, st.sampled_from([0.0, 700.0, 3600.0])), max_size=40))
def test_strangers_stay_few_and_unspoken_to(contacts: List[Tuple[int, float]]) -> None:
    with fast_folder() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(strangers_module, "MOST_KNOWN", 5)
        patch.setattr(strangers_module, "MOST_REFUSALS_PER_HOUR", 3)
        clock = FakeClock()
        answered: List[Tuple[float, int]] = []
        with closing(open_database(folder / "beffroi.db", clock)) as database:
            strangers = Strangers(database, clock)
            for chat, pause in contacts:
                clock.advance(pause + 0.001)  # no two at the same instant: who came first must be known
                if strangers.met(chat):
                    # Answered twice only once five others were in between.
                    assert chat not in [one for _, one in answered[-5:]]
                    answered.append((clock.monotonic(), chat))
                    assert sum(at > clock.monotonic() - 3600 for at, _ in answered) <= 3
                with database.read() as connection:
                    assert connection.exec_driver_sql("SELECT count(*) FROM strangers").scalar() in range(6)
            assert strangers.count() == len(contacts)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(CHATS, st.integers(0, 2), st.sampled_from([1.0, 60.0, 3600.0])), max_size=40))
def test_dialogues_stay_few_and_each_is_the_last_put(steps: List[Tuple[int, int, float]]) -> None:
    with fast_folder() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(dialogues_module, "MOST_DIALOGUES", 4)
        clock = FakeClock()
        last: Dict[Tuple[int, int], int] = {}
        with closing(open_database(folder / "beffroi.db", clock)) as database:
            dialogues = Dialogues(database, clock)
            for number, (chat, user, lasts_s) in enumerate(steps):
                dialogues.put(chat, user, "enrol", {"number": number}, lasts_s)
                last[chat, user] = number
                new = dialogues.get(chat, user)
                assert new is not None
                alive = {key: found for key in last for found in [dialogues.get(*key)] if found is not None}
                assert len(alive) <= 4
                assert all(found.state["number"] == last[key] for key, found in alive.items())
                clock.advance(0.5)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(CHATS, ANY_TEXT), max_size=30))
def test_of_the_names_the_last_seen_are_known(presses: List[Tuple[int, str]]) -> None:
    with fast_folder() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(members_module, "MOST_NAMES", 4)
        clock = FakeClock()
        with closing(open_database(folder / "beffroi.db", clock)) as database:
            members = Members(database, clock)
            for user, name in presses:
                clock.advance(86_400)
                members.remember(user, name)
        last = list(dict.fromkeys(user for user, _ in reversed(presses)))
        names = {user: one_line(name, members_module.LONGEST_TITLE) for user, name in presses}
        with closing(open_database(folder / "beffroi.db", clock)) as database:
            members = Members(database, clock)
            assert [members.name_of(user) for user in last[:4]] == [names[user] for user in last[:4]]
            assert [members.name_of(user) for user in last[4:]] == [None] * len(last[4:])
