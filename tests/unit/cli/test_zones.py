"""`beffroi zones`: a picture with what is configured on it, and how to write more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import typer

from agent.cli.zones import zones
from agent.errors import BeffroiError, ConfigError
from agent.faces import veil
from tests.fakes.cli import runner
from tests.fakes.faces import FakeFaceDetector, street
from tests.fakes.passers_by import passer_by

app = typer.Typer()
app.command()(zones)

SQUARE = """\
faces: {blur: false}
cameras:
  - {id: gate, url: usb:0}
  - id: square
    url: pictures
    faces: {zones: [{name: door, polygon: "0.8,0.3 0.9,0.3 0.9,0.4", policy: "off"}]}
    fire: {ignore: [{name: oven, polygon: "0.6,0.05 0.7,0.05 0.7,0.2 0.6,0.2"}]}
    objects:
      zones:
        - {name: yard, polygon: "0.1,0.55 0.9,0.55 0.9,0.95 0.1,0.95"}
        - {name: window, polygon: "0.3,0.2 0.5,0.2 0.5,0.45 0.3,0.45", kind: mask}
      lines: [{name: kerb, points: "0.2,0.75 0.8,0.75"}]
      rules: [{name: one-way, when: wrong-way, way: "0.25,0.85 0.75,0.85"}]
"""
GREY = 120


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BEFFROI_CONFIG", raising=False)
    (tmp_path / "beffroi.yaml").write_text(SQUARE, encoding="utf-8")
    (tmp_path / "pictures").mkdir()
    cv2.imwrite(str(tmp_path / "pictures" / "1.png"), np.full((360, 640, 3), GREY, np.uint8))
    return tmp_path


def run(*arguments: str) -> str:
    result = runner().invoke(app, list(arguments))
    if result.exception is not None:
        raise result.exception
    return str(result.stdout)


def drawn(path: Path) -> Any:
    picture = cv2.imread(str(path))
    assert picture is not None
    return picture


def test_a_picture_is_written_and_said_what_is_on_it(folder: Path) -> None:
    said = run("square")
    assert said.startswith("zones-square.png: a picture of 640 x 360\n")
    for line in (
        "include zone yard: 0.1,0.55 0.9,0.55 0.9,0.95 0.1,0.95",
        "mask zone window: ",
        "line kerb: 0.2,0.75 0.8,0.75",
        "faces zone door: ",
        "zone of ignored fire oven: 0.6,0.05 0.7,0.05",
        "polygon: ",
    ):
        assert line in said
    picture = drawn(folder / "zones-square.png")[-720:, -1280:]
    assert picture[264, 460].max() == 0, "the mask is black"
    for x, y in ((0.1, 0.85), (0.35, 0.75), (0.35, 0.85), (0.85, 0.3), (0.65, 0.2)):
        near = picture[round(y * 719) - 1 : round(y * 719) + 2, round(x * 1279) - 1 : round(x * 1279) + 2]
        assert int(np.ptp(near.reshape(-1, 3), axis=1).max()) > 60, f"something coloured at {x}, {y}"
    assert picture[600, 40].tolist() == [GREY] * 3


def test_the_picture_goes_where_it_is_told(folder: Path) -> None:
    (folder / "other.yaml").write_text("cameras: [pictures]\nfaces: {blur: false}\n", encoding="utf-8")
    said = run("camera-1", "--config", "other.yaml", "--save", "plan.png")
    assert said.startswith("plan.png: a picture of 640 x 360\nThe grid")
    assert (folder / "plan.png").exists()


@pytest.mark.parametrize("blur", ["true", "false"])
def test_faces_are_veiled_unless_that_is_off(
    folder: Path, blur: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(veil, "eager_detector", lambda threads: FakeFaceDetector())
    cv2.imwrite(str(folder / "pictures" / "1.png"), passer_by(street(), 150, 100))
    (folder / "beffroi.yaml").write_text(f"cameras: [pictures]\nfaces: {{blur: {blur}}}\n", encoding="utf-8")
    run("camera-1")
    picture = drawn(folder / "zones-camera-1.png")[-960:, -1280:, 0]
    between_lines_of_the_grid = cv2.resize(picture, (320, 240))[130:142, 163:190].astype(int)
    assert (np.ptp(between_lines_of_the_grid, axis=1).mean() > 80) == (blur == "false")


def test_a_camera_without_a_picture_is_told(folder: Path) -> None:
    (folder / "pictures" / "1.png").write_bytes(b"no picture")
    with pytest.raises(BeffroiError, match="pictures"):
        run("square")


def test_a_camera_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match="there is no camera yard: write one of gate, square"):
        run("yard")


def test_a_picture_that_cannot_be_written_is_told(folder: Path) -> None:
    with pytest.raises(BeffroiError, match="the picture cannot be written: No such file or directory"):
        run("square", "--save", "nowhere/plan.png")
