"""Faces in the configuration: zones, doors, and what is wrong with them."""

from __future__ import annotations

import pytest

from agent.config.face_key import KEY_BYTES, key_bytes
from agent.config.face_settings import CameraFaceSettings, FaceZone
from tests.unit.config.writing import Desk

WITH_FACES = """
cameras:
  - url: rtsp://camera.example/1
    faces:
      {line}
"""


def test_nobody_is_looked_for_unless_it_is_said() -> None:
    assert not CameraFaceSettings().wanted
    assert CameraFaceSettings(policy="watch").wanted
    assert CameraFaceSettings(zones=[FaceZone(name="door", polygon="0,0 1,0 1,1")]).wanted
    assert not CameraFaceSettings(zones=[FaceZone(name="x", polygon="0,0 1,0 1,1", policy="off")]).wanted


@pytest.mark.parametrize("text", ["", "0,0 1,1", "0,0 1,0 2,1", "0,0 1,0 a,b", "0,0 1,0 -1,1", "0 0 1 0 1 1"])
def test_what_is_no_polygon_is_told_with_an_example(desk: Desk, text: str) -> None:
    zones = f"zones: [{{name: door, polygon: '{text}'}}]"
    problem = desk.problem(WITH_FACES.format(line=zones))
    assert "zones[0].polygon: is not a polygon" in problem
    assert "Write three corners or more, x,y each" in problem


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("policy: everybody", "off, watch, authorised"),
        ("people: Ann", "numbers of people with commas between them"),
        ("people: 1,,2", "numbers of people with commas between them"),
        ("roles: ','", "names of roles with commas between them"),
        ("door: {frames: 1}", "from 2 to 100"),
        (
            "zones: [{name: a, polygon: '0,0 1,0 1,1'}, {name: a, polygon: '0,0 1,0 1,1'}]",
            "have names that repeat",
        ),
    ],
)
def test_mistakes_say_what_is_allowed(desk: Desk, line: str, words: str) -> None:
    assert words in desk.problem(WITH_FACES.format(line=line))


def test_a_camera_that_looks_for_faces_needs_a_key(desk: Desk) -> None:
    problem = desk.problem(WITH_FACES.format(line="policy: watch"))
    assert "faces: needs a key, since a camera looks for faces" in problem
    assert "Make one with `beffroi people key`" in problem


@pytest.mark.parametrize("key", ["secret", "no key!", "A" * 42 + "=", "0g" * 32])
def test_what_is_no_key_is_refused_and_not_shown(desk: Desk, key: str) -> None:
    problem = desk.problem(f"faces: {{key: {key!r}}}" + WITH_FACES.format(line="policy: watch"))
    assert "faces.key: is no key" in problem
    assert "Make one with `beffroi people key`" in problem
    assert key not in problem


@pytest.mark.parametrize("key", ["A" * 43 + "=", "A" * 43, "-_" + "A" * 41, "0f" * 32])
def test_keys_are_read_in_base64_and_hexadecimal(key: str) -> None:
    assert len(key_bytes(key) or b"") == KEY_BYTES


def test_a_door_needs_looks_enough(desk: Desk) -> None:
    problem = desk.problem(WITH_FACES.format(line="door: {frames: 10}"))
    assert "faces.looks_per_second: must give the 10 looks of door.frames within 3 s" in problem
    assert "Write 3.33 or more" in problem
