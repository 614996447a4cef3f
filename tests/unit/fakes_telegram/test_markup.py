"""Telegram's HTML, understood and refused."""

from __future__ import annotations

from typing import Any, List, Tuple

import pytest

from tests.fakes.telegram import ApiError
from tests.fakes.telegram.markup import detected, parse_html


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("plain &amp; &lt;x&gt; &#33;&#x21; &nbsp; >", "plain & <x> !! &nbsp; >", []),
        ("<b>bold</b>", "bold", [("bold", 0, 4)]),
        ("🔥 <strong>é</strong>", "🔥 é", [("bold", 3, 1)]),
        ("<b>a<i>b</i></b>c", "abc", [("bold", 0, 2), ("italic", 1, 1)]),
        ("  <u>x</u>\n", "x", [("underline", 0, 1)]),
        ("<b>  x  </b>", "x", [("bold", 0, 1)]),
        ("<s> </s>x", "x", []),
        ("<b></b><a>x</a>", "x", []),
        ('<span class="tg-spoiler">x</span>', "x", [("spoiler", 0, 1)]),
        ("<blockquote>x</blockquote>", "x", [("blockquote", 0, 1)]),
        ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
        ("<pre>x</pre><code>y</code>", "xy", [("pre", 0, 1), ("code", 1, 1)]),
    ],
)
def test_it_is_understood(source: str, text: str, entities: List[Tuple[str, int, int]]) -> None:
    got, found = parse_html(source)
    assert got == text
    assert [(one["type"], one["offset"], one["length"]) for one in found] == entities


def test_a_link_has_its_address() -> None:
    _, (link,) = parse_html('<a href="https://example.org/?a=1&amp;b=2">map</a>')
    assert link == {"type": "text_link", "offset": 0, "length": 3, "url": "https://example.org/?a=1&b=2"}


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("é<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 2'),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<>", 'Unsupported start tag "" at byte offset 0'),
        ('<span class="x">x</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_it_is_refused(source: str, reason: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_html(source)
    assert refused.value.description == f"Bad Request: can't parse entities: {reason}"


def test_commands_and_links_of_people_are_found() -> None:
    found: Any = detected("/ack@bot 🔥 a/b https://example.org/x /s")
    assert [(one["type"], one["offset"], one["length"]) for one in found] == [
        ("bot_command", 0, 8),
        ("url", 16, 21),
        ("bot_command", 38, 2),
    ]
