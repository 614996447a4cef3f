"""What the pages for people share."""

from __future__ import annotations

from base64 import b64decode

import cv2
import numpy as np
import pytest

from models import page
from tests.fakes.html_page import HtmlPage

HOSTILE = "</td><script>alert('x')</script> & \"quoted\" <b>.jpg"


def drawn(suffix: str) -> bytes:
    return bytes(cv2.imencode(suffix, np.zeros((4, 6, 3), np.uint8))[1])


def whole(name: str) -> str:
    """A page with everything on it, `name` wherever a text can stand."""
    picture = page.picture(drawn(".png"), name)
    return page.document(
        name,
        [page.paragraph(name), page.paragraph(name, "warning"), page.facts([(name, name)])],
        [
            (name, [page.table(name, [name, "b", "c"], [[name, name, f"0.5 ({name})"]])]),
            ("Lists", [page.listed(name, [name] * 3, 2, name)]),
            (
                "Pictures",
                [
                    page.gallery([page.figure(picture, name)]),
                    page.figure(page.wide(name, picture), name),
                    page.gallery([page.figure(page.picture(drawn(".jpg"), name), name)], small=True),
                ],
            ),
        ],
    )


def test_what_has_a_meaning_in_html_is_only_text() -> None:
    hostile, plain = HtmlPage(whole(HOSTILE)), HtmlPage(whole("plain"))
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in plain.elements]
    assert [sorted(attributes) for _, attributes in hostile.elements] == [
        sorted(attributes) for _, attributes in plain.elements
    ]
    assert hostile.words.count(HOSTILE) == plain.words.count("plain")
    assert [one["alt"] for one in hostile.of("img")] == [HOSTILE] * 3


def test_every_picture_is_inside_and_nothing_is_loaded() -> None:
    read = HtmlPage(whole("plain"))
    kinds, data = zip(*(one["src"].split(",") for one in read.of("img")))
    assert kinds == ("data:image/png;base64", "data:image/png;base64", "data:image/jpeg;base64")
    assert [b64decode(one) for one in data] == [drawn(".png"), drawn(".png"), drawn(".jpg")]
    assert any("default-src 'none'" in one.get("content", "") for one in read.of("meta"))


@pytest.mark.parametrize(
    "wrong",
    [
        "<p><b></p></b>",
        "<p>",
        '<img alt="plot" src="plot.png">',
        '<img alt="" src="data:image/png;base64,AA==">',
        '<a href="https://example.org">more</a>',
        "<script></script>",
        "<style>body { background: url(x.png) }</style>",
    ],
)
def test_the_reader_of_these_tests_refuses_what_they_are_to_find(wrong: str) -> None:
    with pytest.raises(AssertionError):
        HtmlPage(wrong)


def test_a_picture_says_what_it_shows() -> None:
    with pytest.raises(ValueError, match="says what it shows"):
        page.picture(drawn(".png"), " ")
    with pytest.raises(ValueError, match="neither PNG nor JPEG"):
        page.picture(b"GIF89a", "a film")


def test_contents_lead_to_each_section() -> None:
    read = HtmlPage(whole("plain"))
    assert [one["href"] for one in read.of("a")] == [f"#{one['id']}" for one in read.of("h2")]
    assert len(read.of("h2")) == len({one["id"] for one in read.of("h2")}) == 3
    assert len(read.of("h1")) == 1


def test_figures_stand_right_and_words_left_and_an_interval_in_one_piece() -> None:
    read = HtmlPage(
        page.table(
            "Scores",
            ["bundle", "recall", "input", "gain", "none"],
            [["7", "0.5 (0.4 to 0.6)", "32 x 32", "-1,204.5", "-"], ["8", "-", "64 x 64", "+0.1", "-"]],
        )
    )
    assert [one.get("class", "") for one in read.of("td")] == ["n", "", "n", ""] * 2
    assert [one.get("class", "") for one in read.of("th")] == ["", "n", "", "n", "", "", ""]
    assert [one.get("scope") for one in read.of("th")] == ["col"] * 5 + ["row"] * 2
    assert "(0.4 to 0.6)" in read.words
    assert len(read.of("small")) == 1


def test_a_row_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="3 cells below 2"):
        page.table("Scores", ["bundle", "recall"], [["a", "b", "c"]])


def test_a_table_without_rows_says_so() -> None:
    assert "none" in HtmlPage(page.table("Scores", ["bundle"], [])).words


def test_a_long_list_is_cut_and_folded() -> None:
    few, many = (HtmlPage(page.listed("Torn", list("abcdefghijkl")[:n], 11, "audit.json")) for n in (3, 12))
    assert "Torn: 3" in few.words
    assert "open" in few.of("details")[0]
    assert "Torn: 12" in many.words
    assert "open" not in many.of("details")[0]
    assert "and 1 more in audit.json" in many.words
    assert "l" not in many.words


def test_an_empty_list_is_a_line() -> None:
    read = HtmlPage(page.listed("Torn", [], 11, "audit.json"))
    assert read.words == ["Torn: 0"]
    assert not read.of("li")
