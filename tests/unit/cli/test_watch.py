from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List

import av
import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from agent.cli.watch import watch
from agent.errors import BundleError, SourceError
from agent.faces import veil
from tests.fakes.bundles import colour_bundle
from tests.fakes.detector import GREEN, GREY, RED
from tests.fakes.faces import FakeFaceDetector, street
from tests.fakes.films import write_scenes
from tests.fakes.objects import FakeObjectDetector, place
from tests.fakes.passers_by import passer_by, recognisable

app = typer.Typer()
app.command()(watch)

LENGTH_S = 10


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """The command takes signals over; the tests' own come back."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return colour_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Smoke after two seconds, fire after five."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return write_scenes(path, [(GREEN, 2), (GREY, 3), (RED, 3), (GREEN, LENGTH_S - 8)])


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None:
        raise result.exception
    return str(result.stdout)


def lines(said: str) -> List[Dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines()]


def test_a_film_is_told_in_words(film: Path, bundle: Path) -> None:
    first, second, last = run(film, "--bundle", bundle).splitlines()
    assert first.startswith("00:0")
    assert "start-fire opened" in first
    assert "fire escalated" in second
    assert "% sure" in second
    assert last == "watched 9.9 s: 1 incident"


def test_a_film_is_told_in_json_with_the_time_in_the_film(film: Path, bundle: Path) -> None:
    opened, escalated = lines(run(film, "--bundle", bundle, "--json", "--camera", "yard"))
    assert (opened["kind"], opened["transition"]) == ("start-fire", "opened")
    assert (escalated["kind"], escalated["transition"]) == ("fire", "escalated")
    assert 2.0 < opened["t"] < 5.0 < escalated["t"] < 8.0
    assert opened["camera"] == "yard"
    assert opened["incident"] == escalated["incident"]
    assert (opened["severity"], escalated["severity"]) == ("high", "critical")
    assert 0.5 < opened["confidence"] <= 1.0


def test_the_pace_changes_nothing(bundle: Path, tmp_path: Path) -> None:
    film = write_scenes(tmp_path / "short.mp4", [(RED, 1.5)])
    told = {
        speed: [
            {key: value for key, value in line.items() if key != "incident"}
            for line in lines(run(film, "--bundle", bundle, "--json", "--speed", speed))
        ]
        for speed in ("own", "max")
    }
    assert len(told["max"]) == 1
    assert told["own"] == told["max"]


def test_more_looks_a_second_see_sooner(film: Path, bundle: Path) -> None:
    def opened(looks: float) -> float:
        return float(lines(run(film, "--bundle", bundle, "--json", "--looks", looks))[0]["t"])

    assert opened(10) < opened(4)


def test_an_annotated_film_is_as_long_as_the_source(film: Path, bundle: Path, tmp_path: Path) -> None:
    run(film, "--bundle", bundle, "--save", tmp_path / "annotated.mp4")
    with av.open(str(tmp_path / "annotated.mp4")) as container:
        times = [float(frame.time) for frame in container.decode(video=0) if frame.time is not None]
    assert len(times) == LENGTH_S * 10
    assert times == sorted(times)
    assert times[-1] - times[0] == pytest.approx(LENGTH_S, abs=0.2)


@pytest.mark.parametrize("flags", [[], ["--no-blur"]])
def test_faces_in_the_film_are_veiled_unless_asked_for(
    flags: List[str], bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(veil, "eager_detector", lambda threads: FakeFaceDetector())
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(3):
        cv2.imwrite(str(pictures / f"{number}.png"), passer_by(street(), 150, 100))
    run(pictures, "--bundle", bundle, "--save", tmp_path / "film.mp4", *flags)
    with av.open(str(tmp_path / "film.mp4")) as container:
        shown = [
            np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in container.decode(video=0)
        ]
    assert len(shown) == 3
    assert all(recognisable(picture, 150, 100) == bool(flags) for picture in shown)


def test_nothing_seen_is_no_error(bundle: Path, tmp_path: Path) -> None:
    film = write_scenes(tmp_path / "calm.mp4", [(GREEN, 1)])
    assert run(film, "--bundle", bundle, "--json") == ""
    assert run(film, "--bundle", bundle).endswith(": no incidents\n")


def test_a_source_that_is_not_there_is_an_error(bundle: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        run("missing.mp4", "--bundle", bundle)


def test_a_model_that_is_not_there_is_an_error(film: Path) -> None:
    with pytest.raises(BundleError, match="there is no bundle"):
        run(film, "--bundle", "nothing")


def test_the_decoder_of_a_camera_can_be_chosen(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gi", None)  # the system's GStreamer is not there
    for arguments in (["csi:0"], ["rtsp://h/x", "--decoder", "gstreamer"]):
        outcome = CliRunner().invoke(app, [*arguments, "--bundle", str(bundle)])
        assert isinstance(outcome.exception, SourceError)
        assert "GStreamer for Python is missing" in str(outcome.exception)


def passing(path: Path) -> Path:
    """Somebody comes in from the right, as a folder of pictures, five a second."""
    path.mkdir()
    for index in range(20):
        picture = place(street(), "person", max(0.3, 0.8 - 0.04 * index), 0.8)
        cv2.imwrite(str(path / f"{index:02}.png"), picture)
    return path


PLACE = """\
cameras:
  - id: gate
    url: "scene:"
    objects:
      zones:
        - {name: yard, polygon: "0,0 0.5,0 0.5,1 0,1"}
        - {name: windows, polygon: "0.7,0 1,0 1,0.2 0.7,0.2", kind: mask}
      lines: [{name: quay, points: "0.5,1 0.5,0"}]
      rules:
        - {name: nobody-here, when: enter, zone: yard, labels: person, raises: incident, severity: high}
        - {name: passers-by, when: line, line: quay}
        - {name: crowd, when: count, above: 0, seconds: 0.2, zone: yard}
"""


@pytest.fixture
def boxed(monkeypatch: pytest.MonkeyPatch) -> FakeObjectDetector:
    """What boxes the rectangles of tests.fakes.objects, whatever bundle is named."""
    detector = FakeObjectDetector()
    monkeypatch.setattr("agent.cli.watch.load_object_detector", lambda *_, **__: detector)
    return detector


def test_the_rules_of_a_configured_camera_hold(
    tmp_path: Path, bundle: Path, boxed: FakeObjectDetector
) -> None:
    (tmp_path / "beffroi.yaml").write_text(PLACE)
    arguments = [passing(tmp_path / "film"), "--bundle", bundle, "--camera", "gate"]
    arguments += ["--config", tmp_path / "beffroi.yaml", "--save", tmp_path / "film.mp4"]
    said = run(*arguments).splitlines()
    assert any("object nobody-here opened  (90% sure)" in line for line in said)
    assert any("object-crossed  passers-by: person 1, " in line for line in said)
    assert any("object-crowded  crowd: person, 1 of them" in line for line in said)
    assert said[-1].endswith("1 incident")
    assert boxed.closed
    with av.open(str(tmp_path / "film.mp4")) as container:
        first = next(container.decode(video=0)).to_ndarray(format="bgr24")
    assert first[5:40, 235:315].max() < 40, "the mask"
    told = lines(run(*arguments, "--json"))
    crossed = next(line for line in told if line.get("event") == "object-crossed")
    assert (crossed["rule"], crossed["label"], crossed["count"]) == ("passers-by", "person", 1)
    opened = next(line for line in told if line.get("kind") == "object")
    assert (opened["rule"], opened["transition"], opened["severity"]) == ("nobody-here", "opened", "high")


def test_things_are_boxed_without_any_configuration(
    tmp_path: Path, bundle: Path, boxed: FakeObjectDetector
) -> None:
    film = passing(tmp_path / "film")
    seen = {}
    for name, more in (("plain", []), ("boxed", ["--objects", "city"])):
        run(film, "--bundle", bundle, "--save", tmp_path / f"{name}.mp4", *more)
        with av.open(str(tmp_path / f"{name}.mp4")) as container:
            seen[name] = next(container.decode(video=0)).to_ndarray(format="bgr24").astype(int)
    assert boxed.seen, "only where a model is named"
    changed = abs(seen["boxed"] - seen["plain"]).max(axis=2) > 40
    assert changed[100:125, 235:290].any(), "the tag above the person"
