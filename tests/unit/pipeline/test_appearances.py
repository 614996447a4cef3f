"""Who is before a camera, look by look."""

from __future__ import annotations

from typing import List

import pytest

from agent.domain.policy.recognition import Known, RecognitionSettings
from agent.faces.gallery import Gallery
from agent.pipeline.appearances import Appearances, Sighting
from agent.ports import Frame, Picture
from tests.fakes.clock import FakeClock
from tests.fakes.faces import FakeFaceReader, show, street
from tests.fakes.onlookers import gallery_of, onlooker

ANN, BEN, STRANGER = 1, 2, 9


class Bench:
    def __init__(self, gallery: Gallery) -> None:
        self.clock = FakeClock()
        self.reader = FakeFaceReader()
        self.gallery = gallery
        self.appearances = Appearances(RecognitionSettings())
        self.gap_s = 0.5

    def look(self, picture: Picture) -> List[Sighting]:
        self.clock.advance(self.gap_s)
        frame = Frame("gate", picture, self.clock.moment(), 0.0, 0)
        return self.appearances.look(self.reader, self.gallery, frame)  # type: ignore[arg-type]

    def looks(self, picture: Picture, number: int) -> List[Sighting]:
        """The faces at the last of so many looks."""
        for _ in range(number - 1):
            self.look(picture)
        return self.look(picture)


@pytest.fixture
def bench() -> Bench:
    return Bench(gallery_of(ANN, BEN))


def test_somebody_is_known_once_enough_looks_agree(bench: Bench) -> None:
    picture = onlooker(street(), ANN, 100)
    first = bench.look(picture)[0]
    assert (first.track, first.verdict.known, first.verdict.person) == (1, Known.UNDECIDED, None)
    assert first.nearest is not None
    assert first.nearest.person == ANN
    last = bench.looks(picture, 2)[0]
    assert (last.track, last.verdict.known, last.verdict.person) == (1, Known.KNOWN, ANN)
    assert last.verdict.distance == pytest.approx(0.0, abs=1e-3)


def test_a_stranger_is_nobody_and_not_the_nearest(bench: Bench) -> None:
    (one,) = bench.looks(onlooker(street(), STRANGER, 100), 3)
    assert (one.verdict.known, one.verdict.person) == (Known.UNKNOWN, None)


def test_where_nobody_is_enrolled_everybody_is_a_stranger() -> None:
    (one,) = Bench(gallery_of()).looks(onlooker(street(), ANN, 100), 3)
    assert (one.verdict.known, one.verdict.person) == (Known.UNKNOWN, None)


def test_where_nobody_is_nothing_is_embedded(bench: Bench) -> None:
    assert bench.look(street()) == []
    assert sum(bench.reader.embedder.batches) == 0


def test_faces_that_are_too_small_to_tell_are_left_out(bench: Bench) -> None:
    picture = onlooker(onlooker(street(), ANN, 20, side=23), BEN, 100, side=24)
    (one,) = bench.looks(picture, 3)
    assert one.verdict.person == BEN


def test_in_a_crowd_all_have_their_turn() -> None:
    people = [1, 3, 5, 7, 9, 11]
    bench = Bench(gallery_of(*people))
    crowd = street(width=640)
    for number, person in enumerate(people):
        onlooker(crowd, person, 10 + 100 * number)
    sightings = bench.look(crowd)
    assert len(sightings) == 6
    assert [one.nearest is not None for one in sightings].count(True) == 4
    sightings = bench.looks(crowd, 5)
    assert bench.reader.embedder.batches == [4] * 6
    by_place = sorted(sightings, key=lambda one: one.face.box.left)
    assert [one.verdict.person for one in by_place] == people


def test_when_all_are_known_they_are_looked_at_in_turn() -> None:
    people = [1, 3, 5, 7, 9, 11]
    bench = Bench(gallery_of(*people))
    crowd = street(width=640)
    for number, person in enumerate(people):
        onlooker(crowd, person, 10 + 100 * number)
    bench.looks(crowd, 40)
    told = {one.track for _ in range(3) for one in bench.look(crowd) if one.nearest is not None}
    assert len(told) == 6


def test_a_face_without_detail_does_not_keep_the_others_from_their_turn() -> None:
    bench = Bench(gallery_of(11))
    crowd = street(width=640)
    for number in range(4):
        show(crowd, 2 + number, 10 + 100 * number, 60, 70)
    onlooker(crowd, 11, 450)
    assert bench.looks(crowd, 20)[-1].verdict.person == 11


def test_a_camera_that_is_seldom_looked_at_loses_nobody_between_looks() -> None:
    bench = Bench(gallery_of(ANN))
    bench.gap_s = 4.0
    picture = onlooker(street(), ANN, 100)
    assert bench.looks(picture, 5)[0].track == 5
    bench.appearances = Appearances(RecognitionSettings(), lost_after_s=10.0)
    (one,) = bench.looks(picture, 5)
    assert (one.track, one.verdict.person) == (1, ANN)


def test_who_takes_anothers_place_begins_anew(bench: Bench) -> None:
    bench.looks(onlooker(street(), ANN, 100), 3)
    (one,) = bench.look(onlooker(street(), BEN, 105))
    assert (one.track, one.verdict.known) == (2, Known.UNDECIDED)
    (one,) = bench.looks(onlooker(street(), BEN, 105), 2)
    assert (one.track, one.verdict.person) == (2, BEN)


def test_who_comes_back_after_a_while_begins_anew(bench: Bench) -> None:
    bench.looks(onlooker(street(), ANN, 100), 3)
    bench.looks(street(), 5)
    (one,) = bench.look(onlooker(street(), ANN, 100))
    assert (one.track, one.verdict.known) == (2, Known.UNDECIDED)


def test_a_face_without_detail_says_nothing(bench: Bench) -> None:
    (one,) = bench.looks(show(street(), ANN, 100, 60), 10)
    assert one.verdict.known is Known.UNDECIDED


def test_when_others_are_enrolled_it_is_voted_anew(bench: Bench) -> None:
    picture = onlooker(street(), STRANGER, 100)
    bench.looks(picture, 5)
    bench.gallery = gallery_of(ANN, STRANGER)
    bench.appearances.forget()
    (one,) = bench.look(picture)
    assert (one.track, one.verdict.known) == (1, Known.UNDECIDED)
    (one,) = bench.looks(picture, 2)
    assert one.verdict.person == STRANGER
