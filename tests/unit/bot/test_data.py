from __future__ import annotations

import pytest

from alerts.bot.data import LIMIT_BYTES, button, named, parsed, token


def test_a_camera_with_the_longest_id_fits_a_button() -> None:
    longest = "c" * 63
    made = button("x", "silence", "!lift", token(longest), "start-fire")
    assert len(made.data.encode()) <= LIMIT_BYTES
    assert parsed(made.data) == ("silence", ("!lift", token(longest), "start-fire"))
    assert named(token(longest), ["yard", longest]) == longest


def test_a_token_of_what_is_gone_names_nothing() -> None:
    assert named(token("gone"), ["yard"]) is None


def test_a_token_stays_the_same_after_a_restart() -> None:
    assert token("yard") == "~7ae4b7c767"


def test_long_labels_are_cut() -> None:
    assert button("x" * 100, "status").label == "x" * 39 + "…"


def test_what_does_not_fit_is_an_error() -> None:
    with pytest.raises(ValueError, match="longer than 64 bytes"):
        button("x", "status", "y" * 64)


@pytest.mark.parametrize("data", ["", "c", "c:", "x:status", "status", "::", "ack:1"])
def test_other_data_is_nothing(data: str) -> None:
    assert parsed(data) is None
