"""The scene as a source: its pictures, its pace, its end."""

from __future__ import annotations

from typing import List, Tuple

import numpy as np
import pytest

from agent.errors import SourceError
from agent.ports import Picture, StreamPicture
from agent.sources.scene import SceneSource
from agent.vision.quality import QualityGauge
from tests.fakes.clock import FakeClock

SMALL = "width=320&height=180"
SHORT = f"scene:?{SMALL}&calm_s=1&smoke_s=1&flame_s=1&fire_s=2&out_s=1&fps=5"


def pictures(url: str) -> List[StreamPicture]:
    stream = SceneSource(url + "&pace=max", FakeClock()).open()
    return list(iter(stream.read, None))


def at(url: str, media_s: float) -> Picture:
    return next(picture.pixels for picture in pictures(url) if picture.media_s >= media_s)


def difference(one: Picture, other: Picture) -> float:
    return float(np.abs(one.astype(float) - other).mean())


@pytest.fixture(scope="module")
def story() -> List[StreamPicture]:
    """Two pictures a second: calm, from 2 s smoke, from 4 s a flame, from 6 s fire, put out at 12 s."""
    return pictures(f"scene:?{SMALL}&calm_s=2&smoke_s=2&flame_s=2&fire_s=6&out_s=10&fps=2")


def test_it_is_a_replay_that_shows_its_address() -> None:
    source = SceneSource(SHORT, FakeClock())
    assert not source.live
    assert source.display == SHORT


def test_a_wrong_address_is_refused_at_once() -> None:
    with pytest.raises(SourceError, match="did you mean"):
        SceneSource("scene:?fire=3", FakeClock())


@pytest.mark.parametrize("size", [(320, 180), (400, 300), (161, 97)])
def test_pictures_have_the_size_that_was_asked_for(size: Tuple[int, int]) -> None:
    width, height = size
    url = f"scene:?width={width}&height={height}&calm_s=0&smoke_s=0&flame_s=0.5&fire_s=3&fps=1"
    for picture in pictures(url):
        assert picture.pixels.shape == (height, width, 3)
        assert picture.pixels.dtype == np.uint8
        assert picture.pixels.flags.c_contiguous


def test_pictures_come_at_the_frame_rate_to_the_end_of_the_story() -> None:
    times = [picture.media_s for picture in pictures(SHORT)]
    assert times == pytest.approx([index / 5 for index in range(30)])


def test_after_its_end_it_stays_ended() -> None:
    stream = SceneSource(f"scene:?{SMALL}&calm_s=0.1&smoke_s=0&flame_s=0&fire_s=0&fps=10", FakeClock()).open()
    assert stream.read() is not None
    assert stream.read() is None
    assert stream.read() is None


def test_the_same_seed_and_time_give_the_same_picture() -> None:
    one, other = pictures(SHORT + "&seed=7"), pictures(SHORT + "&seed=7")
    for first, second in zip(one, other):
        np.testing.assert_array_equal(first.pixels, second.pixels)


def test_opening_it_again_tells_the_story_from_the_beginning() -> None:
    source = SceneSource(SHORT + "&pace=max", FakeClock())
    first, again = source.open().read(), source.open().read()
    assert first is not None
    assert again is not None
    np.testing.assert_array_equal(first.pixels, again.pixels)


def test_another_seed_is_another_street() -> None:
    streets = [
        at(f"scene:?{SMALL}&calm_s=1&smoke_s=0&flame_s=0&fire_s=0&fps=1&seed={seed}", 0.0)
        for seed in range(6)
    ]
    for index, street in enumerate(streets):
        for other in streets[:index]:
            assert difference(street, other) > 5.0


def test_no_picture_repeats_the_one_before(story: List[StreamPicture]) -> None:
    for before, after in zip(story, story[1:]):
        changed = np.any(before.pixels != after.pixels, axis=2)
        assert changed.mean() > 0.5
        assert difference(before.pixels, after.pixels) > 1.0


def test_it_is_dusk_neither_black_nor_washed_out(story: List[StreamPicture]) -> None:
    for picture in story:
        assert 50.0 < picture.pixels.mean() < 150.0
        assert picture.pixels.std() > 25.0


def test_the_camera_is_never_judged_blind(story: List[StreamPicture]) -> None:
    gauge = QualityGauge()
    for picture in story:
        quality = gauge.assess(picture.pixels)
        assert quality.blindness is None
        assert not quality.blurred


def test_the_fire_is_bright_and_yellow_and_goes_out(story: List[StreamPicture]) -> None:
    def burning(picture: StreamPicture) -> float:
        blue, green, red = np.moveaxis(picture.pixels.astype(int), 2, 0)
        return float(np.mean((red > 225) & (green > 120) & (red - blue > 90)))

    calm, flame, fire, over = (
        max(burning(picture) for picture in story if start <= picture.media_s < end)
        for start, end in ((0.0, 4.0), (5.0, 6.0), (9.0, 12.0), (21.0, 22.0))
    )
    assert calm == over == 0.0
    assert 0.0 < flame < 0.01
    assert fire > 0.02


def test_smoke_changes_more_of_the_picture_as_time_goes_on(story: List[StreamPicture]) -> None:
    calm, smoking, later = (story[index].pixels for index in (0, 5, 7))
    assert difference(calm, smoking) > difference(calm, story[1].pixels)
    assert difference(calm, later) > difference(calm, smoking)


def test_the_fire_lights_the_street(story: List[StreamPicture]) -> None:
    def road(picture: StreamPicture) -> float:
        return float(picture.pixels[-20:, :, 2].mean())

    assert road(story[22]) > road(story[2]) + 3.0


def test_at_its_own_pace_a_picture_comes_when_it_is_due() -> None:
    clock = FakeClock()
    stream = SceneSource(SHORT, clock).open()
    for index in range(30):
        assert stream.read() is not None
        assert clock.monotonic() == pytest.approx(index / 5)
    assert stream.read() is None


def test_a_late_reader_gets_the_picture_of_now() -> None:
    clock = FakeClock()
    stream = SceneSource(SHORT, clock).open()
    stream.read()
    clock.advance(2.5)
    late = stream.read()
    assert late is not None
    assert late.media_s == pytest.approx(2.4)
    clock.advance(100.0)
    assert stream.read() is None


@pytest.mark.parametrize("hurry", ["address", "argument"])
def test_at_full_speed_no_time_passes(hurry: str) -> None:
    clock = FakeClock()
    source = (
        SceneSource(SHORT + "&pace=max", clock)
        if hurry == "address"
        else SceneSource(SHORT, clock, real_time=False)
    )
    stream = source.open()
    assert len(list(iter(stream.read, None))) == 30
    assert clock.monotonic() == 0.0


def test_a_closed_stream_says_that_it_is_closed() -> None:
    stream = SceneSource(SHORT, FakeClock()).open()
    stream.read()
    stream.close()
    stream.close()
    with pytest.raises(SourceError, match="open it again"):
        stream.read()
