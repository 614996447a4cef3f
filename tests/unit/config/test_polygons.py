"""Points, lines and polygons as they are written."""

from __future__ import annotations

import pytest

from agent.config.polygons import corners, ends


def test_a_polygon_is_read_as_shares_of_the_picture() -> None:
    assert corners("0,0 1,0.5  .25,1") == ((0.0, 0.0), (1.0, 0.5), (0.25, 1.0))


@pytest.mark.parametrize("text", ["", "0,0 1,1", "0,0 1,0 2,1", "0,0 1,0 a,b", "0,0 1,0 -1,1", "0 0 1 0 1 1"])
def test_what_is_no_polygon_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not "):
        corners(text)


def test_a_line_is_read_as_its_two_ends() -> None:
    assert ends("0.1,0.6 0.9,.6") == ((0.1, 0.6), (0.9, 0.6))


@pytest.mark.parametrize("text", ["", "0,0", "0.5,0.5 0.5,0.5", "0,0 1,1 1,0", "0,0 1.5,1", "0,0;1,1"])
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not "):
        ends(text)
