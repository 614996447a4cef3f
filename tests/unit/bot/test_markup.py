from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.bot.markup import TOAST_LIMIT, pieces, plain, toast, units


def test_a_short_text_is_one_piece() -> None:
    assert pieces("<b>a</b> &amp; b") == ["<b>a</b> &amp; b"]


def test_a_long_text_is_cut_after_a_line() -> None:
    assert pieces("one\ntwo\nthree", 9) == ["one\ntwo", "three"]


def test_a_line_that_is_too_long_is_cut_where_it_must_be() -> None:
    assert pieces("abcdefgh", 3) == ["abc", "def", "gh"]


def test_tags_are_closed_and_opened_again() -> None:
    assert pieces("<b>one\n<i>two</i></b>", 5) == ["<b>one\n</b>", "<b><i>two</i></b>"]
    assert pieces('<a href="x">abcd</a>', 2) == ['<a href="x">ab</a>', '<a href="x">cd</a>']


def test_entities_are_not_cut_and_count_as_what_is_read() -> None:
    assert pieces("&amp;&lt;&amp;", 2) == ["&amp;&lt;", "&amp;"]


def test_signs_beyond_the_basic_plane_count_twice() -> None:
    assert units("🔥") == 2
    assert pieces("🔥🔥🔥", 4) == ["🔥🔥", "🔥"]


def test_nothing_to_read_is_nothing_to_send() -> None:
    assert pieces("") == []
    assert pieces("\n<b> </b>\n") == []


WORDS = st.text(alphabet=st.sampled_from("ab🔥\n "), max_size=60)
HTML = st.recursive(
    WORDS | st.sampled_from(["&amp;", "&lt;"]),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>",
        st.sampled_from(["b", "i", "code"]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


@given(st.lists(HTML, max_size=6).map("".join), st.integers(8, 40))
def test_cutting_loses_nothing_and_keeps_to_the_limit(text: str, limit: int) -> None:
    parts = pieces(text, limit)
    for part in parts:
        assert units(plain(part)) <= limit
        for tag in ("b", "i", "code"):
            assert part.count(f"<{tag}>") == part.count(f"</{tag}>")
    assert "".join("".join(plain(part).split()) for part in parts) == "".join(plain(text).split())


@pytest.mark.parametrize("text", ["x" * 500, "🔥" * 300, "<b>" + "a b " * 100 + "</b>"])
def test_toasts_are_short_lines(text: str) -> None:
    assert units(toast(text)) <= TOAST_LIMIT
    assert toast(text).endswith("…")


def test_a_toast_is_plain() -> None:
    assert toast("<b>Tom &amp; Anna</b>\nwent") == "Tom & Anna went"
