from __future__ import annotations

from typing import Tuple

import numpy as np
import pytest

from agent.domain.box import Box
from agent.domain.detection import Detection, Tracked
from agent.domain.evidence import HEAT
from agent.domain.geometry import Line
from agent.domain.zone import Zone
from agent.ports import Picture
from agent.vision.overlay import overlaid

ZONE = Zone("yard", ((0.1, 0.4), (0.9, 0.4), (0.9, 0.95), (0.1, 0.95)))
LINE = Line("gate", (0.2, 0.6), (0.8, 0.6))


def grey(height: int, width: int) -> Picture:
    return np.full((height, width, 3), 90, np.uint8)


def thing(label: str, left: float, top: float, right: float, bottom: float, track: int = 3) -> Tracked:
    return Tracked(track, label, Detection(label, 0.87, Box(left, top, right, bottom)))


def changed(before: Picture, after: Picture) -> np.ndarray[Tuple[int, int], np.dtype[np.bool_]]:
    return np.asarray((before != after).any(axis=2))


@pytest.mark.parametrize("size", [(90, 160), (720, 1280), (2160, 3840), (8, 8)])
def test_all_is_drawn_on_a_copy_of_the_same_size(size: Tuple[int, int]) -> None:
    picture = grey(*size)
    drawn = overlaid(picture, [thing("person", 0.2, 0.3, 0.4, 0.8)], [ZONE], [LINE])
    assert drawn.shape == picture.shape
    assert (picture == 90).all()
    assert changed(picture, drawn).any()


def test_nothing_is_drawn_where_there_is_nothing() -> None:
    assert not changed(grey(90, 160), overlaid(grey(90, 160))).any()


def test_a_box_lies_where_the_thing_is_with_its_tag_above() -> None:
    picture = grey(720, 1280)
    rows, columns = np.nonzero(changed(picture, overlaid(picture, [thing("car", 0.25, 0.5, 0.5, 0.75)])))
    assert columns.min() == pytest.approx(320, abs=3)
    assert columns.max() == pytest.approx(640, abs=3)
    assert rows.max() == pytest.approx(540, abs=3)
    assert rows.min() < 350


@pytest.mark.parametrize("size", [(90, 160), (720, 1280), (2160, 3840)])
def test_a_tag_stays_on_the_picture_where_the_box_is_in_its_corner(size: Tuple[int, int]) -> None:
    picture = grey(*size)
    tagged = changed(picture, overlaid(picture, [thing("motorcycle", 0.97, 0.0, 1.0, 0.1, 12345)]))
    assert tagged[: size[0] // 6, : int(size[1] * 0.95)].any(), "it reaches to the left of the box"


def test_another_track_number_is_another_tag() -> None:
    one, other = (overlaid(grey(720, 1280), [thing("dog", 0.2, 0.5, 0.4, 0.8, n)]) for n in (3, 8))
    assert changed(one, other).any()


def test_the_arrow_of_a_line_points_in() -> None:
    """From the left to the right of who looks from its first point to its second: here downwards."""
    picture = grey(720, 1280)
    rows, columns = np.nonzero(changed(picture, overlaid(picture, lines=[LINE])))
    head = columns[(rows == 432 + 18) & (abs(columns - 640) < 30)]
    assert np.ptp(head) > 8, "below the line"


@pytest.mark.parametrize("y", [0.0, 0.5, 1.0])
def test_the_name_of_a_line_is_whole_wherever_it_lies(y: float) -> None:
    picture = grey(480, 640)
    drawn = overlaid(picture, lines=[Line("quay", (0.9, y), (1.0, y))])
    ground = (drawn == (230, 220, 60)).all(axis=2)
    assert (ground.sum(axis=1) > 5).sum() >= 12, "as many rows as the letters need"


def test_what_nobody_follows_has_a_box_with_label_and_score() -> None:
    picture = grey(720, 1280)
    flame, smoke = (Detection(label, 0.87, Box(0.25, 0.5, 0.5, 0.75)) for label in ("fire", "smoke"))
    drawn = overlaid(picture, boxes=[flame])
    rows, columns = np.nonzero(changed(picture, drawn))
    assert (columns.min(), columns.max()) == (pytest.approx(320, abs=3), pytest.approx(640, abs=3))
    assert rows.max() == pytest.approx(540, abs=3)
    assert changed(drawn, overlaid(picture, boxes=[smoke])).any()
    assert not changed(drawn, overlaid(picture, boxes=[flame, smoke]))[540].any(), "the surest lies on top"
    unsure = Detection(flame.label, 0.12, flame.box)
    assert not changed(drawn, overlaid(picture, boxes=[unsure])).any(), "the title says how sure both are"


def test_roughly_where_it_burns_is_told_apart_from_flames_and_without_a_score() -> None:
    picture = grey(720, 1280)
    box = Box(0.25, 0.5, 0.5, 0.75)
    drawn = overlaid(picture, boxes=[Detection(HEAT, 0.87, box)])
    assert changed(picture, drawn)[540, 400], "its lower edge"
    assert changed(drawn, overlaid(picture, boxes=[Detection("fire", 0.87, box)]))[540, 400]
    assert not changed(drawn, overlaid(picture, boxes=[Detection(HEAT, 0.3, box)])).any()
