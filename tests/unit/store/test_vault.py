"""Sealed records: what opens them, and what does not."""

from __future__ import annotations

from typing import Callable, Dict

import pytest

from agent.config.face_key import KEY_BYTES
from agent.enrolments import PeopleError
from agent.store.vault import Vault, key_of, new_key


def test_a_record_comes_back_and_looks_different_each_time() -> None:
    vault = Vault(bytes(KEY_BYTES))
    one, other = vault.seal(b"Ann", "people:1"), vault.seal(b"Ann", "people:1")
    assert one != other
    assert b"Ann" not in one
    assert vault.open(one, "people:1") == vault.open(other, "people:1") == b"Ann"


@pytest.mark.parametrize("change", ["place", "key", "bit", "cut", "empty"])
def test_what_was_changed_moved_or_sealed_with_another_key_is_refused(change: str) -> None:
    vault = Vault(bytes(KEY_BYTES))
    sealed = vault.seal(b"Ann", "people:1")
    attempts: Dict[str, Callable[[], bytes]] = {
        "place": lambda: vault.open(sealed, "people:2"),
        "key": lambda: Vault(b"k" * KEY_BYTES).open(sealed, "people:1"),
        "bit": lambda: vault.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "people:1"),
        "cut": lambda: vault.open(sealed[:20], "people:1"),
        "empty": lambda: vault.open(b"", "people:1"),
    }
    with pytest.raises(PeopleError) as caught:
        attempts[change]()
    assert caught.value.code == "damaged"


def test_a_new_key_is_a_key_and_no_two_are_the_same() -> None:
    one = new_key()
    assert len(key_of(one)) == KEY_BYTES
    assert one != new_key()


@pytest.mark.parametrize(
    "text", ["0f" * 32, "DwAA" + "A" * 39 + "=", "-_8A" + "A" * 39 + "=", "+/8A" + "A" * 39, "  " + "ab" * 32]
)
def test_keys_are_read_in_base64_and_hexadecimal(text: str) -> None:
    assert len(key_of(text)) == KEY_BYTES


@pytest.mark.parametrize("text", ["", "secret", "0f" * 31, "0f" * 33, "é" * 40, "A" * 44])
def test_what_is_no_key_is_told_without_the_text(text: str) -> None:
    with pytest.raises(PeopleError, match="beffroi people key") as caught:
        key_of(text)
    assert caught.value.code == "bad-key"
    assert not text or text not in str(caught.value)
