from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, List, Sequence, Tuple

import av
import numpy as np
import pytest

from agent.cli.film import Film
from agent.domain.box import Box
from agent.domain.detection import Detection, Tracked
from agent.domain.geometry import Line
from agent.domain.incident import Change, Kind
from agent.domain.zone import Zone
from agent.errors import BeffroiError
from agent.faces.veil import UNVEILED, Veil, Veiling
from agent.pipeline.watch import Step
from agent.ports import Face, Frame, Picture
from agent.vision.mask import Masks
from tests.fakes.changes import AT, opened
from tests.fakes.clock import FakeClock
from tests.fakes.detector import GREEN, picture
from tests.fakes.faces import FakeFaceDetector, street
from tests.fakes.looks import at, scores
from tests.fakes.passers_by import passer_by, recognisable


def step(
    media_s: float, danger: float = 0.0, changes: Sequence[Change] = (), size: Tuple[int, int] = (90, 120)
) -> Step:
    frame = Frame("yard", picture(GREEN, size), at(media_s), media_s, 0)
    return Step(frame, None, danger, list(changes))


def write(path: Path, steps: Sequence[Step], veil: Veiling = UNVEILED) -> List[Any]:
    """The frames of the film made of these steps."""
    with Film(path, veil) as film:
        for one in steps:
            film.add(one)
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def pixels(frame: Any) -> Any:
    return frame.to_ndarray(format="bgr24").astype(int)


def test_frames_keep_their_times_even_where_the_source_stumbles(tmp_path: Path) -> None:
    frames = write(tmp_path / "film.mp4", [step(s) for s in (0.0, 0.04, 0.5, 0.5, 2.0)])
    times = [frame.time for frame in frames]
    assert times == pytest.approx([0.0, 0.04, 0.5, 0.5, 2.0], abs=0.002)
    assert len(set(times)) == 5


def test_the_bar_is_as_long_as_the_danger(tmp_path: Path) -> None:
    calm, half, full = write(tmp_path / "film.mp4", [step(0.0, 0.0), step(0.1, 0.5), step(0.2, 1.0)])
    foot = slice(-3, None)

    def red(frame: Any, where: slice) -> float:
        return float(pixels(frame)[foot, where, 2].mean())

    assert red(full, slice(20, 100)) > 150
    assert red(half, slice(70, 110)) < 60 < red(half, slice(10, 50))
    assert red(calm, slice(10, 110)) < 60


def test_an_open_incident_is_shown_until_it_ends(tmp_path: Path) -> None:
    began = opened()
    ended = began.incident.resolve(AT, 0.0)
    before, during, later, after = write(
        tmp_path / "film.mp4",
        [step(0.0), step(0.1, 0.9, [began]), step(0.2, 0.9), step(0.3, 0.0, [ended])],
    )
    body = slice(0, 80)
    assert np.abs(pixels(before)[body] - pixels(after)[body]).mean() < 3
    for frame in (during, later):
        assert np.abs(pixels(before)[body] - pixels(frame)[body]).mean() > 3


def test_odd_sizes_and_sizes_that_change_make_one_film(tmp_path: Path) -> None:
    frames = write(tmp_path / "film.mp4", [step(0.0, size=(91, 121)), step(0.1, size=(45, 80))])
    assert [(frame.width, frame.height) for frame in frames] == [(120, 90), (120, 90)]


def test_a_film_that_cannot_be_written_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(BeffroiError, match="the film cannot be written: No such file or directory"):
        Film(tmp_path / "no" / "such" / "folder.mp4")


def test_a_disk_that_fills_up_is_an_error_in_words() -> None:
    with pytest.raises(BeffroiError, match="/dev/full: the film cannot be written: No space left"):
        write(Path("/dev/full"), [step(n / 10) for n in range(20)])


def test_a_film_without_frames_is_closed_in_peace(tmp_path: Path) -> None:
    with Film(tmp_path / "film.mp4"):
        pass
    assert not (tmp_path / "film.mp4").stat().st_size


class Blinking(FakeFaceDetector):
    """Finds the faces of its first picture and nobody's after it."""

    def find(self, pictures: Sequence[Picture]) -> List[List[Face]]:
        return super().find(pictures) if not self.batches else [[] for _ in pictures]


def test_a_face_is_veiled_for_half_a_second_after_it_was_last_found(tmp_path: Path) -> None:
    scene = passer_by(street(), 150, 100)
    steps = [
        Step(Frame("yard", scene, at(media_s), media_s, 0), None, 0.0, []) for media_s in (0.0, 0.4, 0.8)
    ]

    def seen(veil: Veiling) -> List[bool]:
        film = write(tmp_path / "film.mp4", steps, veil)
        return [recognisable(pixels(frame), 150, 100) for frame in film]

    assert seen(UNVEILED) == [True, True, True]
    assert seen(Veil(Blinking, FakeClock())) == [False, False, True]


BOX = Box(0.25, 0.4, 0.75, 0.8)


def test_things_zones_and_lines_are_drawn_on_what_a_mask_leaves(tmp_path: Path) -> None:
    size = (180, 240)
    things = [Tracked(4, "car", Detection("car", 0.9, BOX))]
    mask = ((0.0, 0.7), (0.2, 0.7), (0.2, 1.0), (0.0, 1.0))
    zone, line = Zone("yard", ((0.8, 0.3), (0.99, 0.3), (0.99, 0.6))), Line("quay", (0.3, 0.95), (0.7, 0.95))
    bare = write(tmp_path / "bare.mp4", [step(0.0, size=size)])
    with Film(tmp_path / "film.mp4", UNVEILED, Masks({"yard": [mask]}), [zone], [line]) as film:
        film.add(replace(step(0.0, size=size), things=things))
    with av.open(str(tmp_path / "film.mp4")) as container:
        (drawn,) = container.decode(video=0)
    changed = abs(pixels(drawn) - pixels(bare[0])).max(axis=2) > 25
    assert changed[140:165, 5:40].all(), "the mask"
    assert changed[85:130, 58:62].any(), "the left edge of the car"
    assert changed[50:110, 235:239].any(), "the right edge of the zone"
    assert changed[169:173, 90:150].any(), "the line"
    assert not changed[90:130, 80:100].any(), "the middle of the car"


def test_the_worst_of_what_is_open_is_the_banner_and_then_what_is_left(tmp_path: Path) -> None:
    thing, fire = opened("thing", Kind.OBJECT), opened("fire", Kind.FIRE)
    over = fire.incident.resolve(AT, 0.0)
    _, burning, later, left = write(
        tmp_path / "film.mp4",
        [
            step(0.0, changes=[thing]),
            step(0.1, changes=[fire]),
            step(0.2, changes=[thing.incident.update(AT, 0.8)]),
            step(0.3, changes=[over]),
        ],
    )
    border = [pixels(frame)[40, 1].argmax() for frame in (burning, later, left)]
    assert border == [2, 2, 0], "red, then the colour of other kinds"


def test_flames_are_boxed_until_the_next_look(tmp_path: Path) -> None:
    flame = Detection("fire", 0.9, Box(0.3, 0.3, 0.7, 0.7))
    seen = [replace(scores(0.9), boxes=(flame,)), None, replace(scores(0.0), boxes=())]
    steps = [replace(step(n / 10), scores=one) for n, one in enumerate(seen)]
    boxed, between, after = write(tmp_path / "film.mp4", steps)
    edge = slice(30, 62), slice(34, 38)
    assert pixels(boxed)[edge][..., 2].mean() > pixels(after)[edge][..., 2].mean() + 30
    assert pixels(between)[edge][..., 2].mean() > pixels(after)[edge][..., 2].mean() + 30
