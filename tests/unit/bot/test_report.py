"""The digest of the day and its plot."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import cv2
import numpy as np
import pytest

from agent.domain.access import Role
from agent.domain.incident import Kind
from agent.ports import Picture
from alerts.bot.plot import Plot, draw
from tests.fakes.changes import AT, opened, story
from tests.fakes.lobby import ANNA, Lobby, private

DAY = f"{AT.astimezone():%Y-%m-%d}"


@pytest.fixture(autouse=True)
def _members(at: Lobby) -> None:
    at.member(private(ANNA), Role.VIEWER)
    at.clock.advance(12 * 3600 + 60)


def test_a_quiet_day_is_a_line(at: Lobby) -> None:
    reply = at.says("/report")[0]
    assert "quiet day" in reply.text
    assert reply.pictures == ()


def test_a_day_in_numbers_and_a_plot(at: Lobby) -> None:
    for change in story("a", 0):
        at.incident(change)
    at.incident(opened("b", Kind.CAMERA, "gate"))
    drill = opened("c")
    at.incident(replace(drill, incident=replace(drill.incident, drill=True)))
    reply = at.says("/report")[0]
    assert DAY in reply.text
    assert "Fire: 1" in reply.text
    assert "Camera sees nothing: 1" in reply.text
    assert "Start of a fire" not in reply.text
    assert pixels(reply.pictures[0]).shape[1] == 1080


def test_another_day_by_date_and_button(at: Lobby) -> None:
    at.incident(opened("a"))
    at.clock.advance(86_400)
    today = at.says("/report")
    assert "quiet day" in today[0].text
    assert at.follows(today, DAY)[0].pictures
    assert at.says(f"/report {DAY}")[0].pictures


@pytest.mark.parametrize("words", ["yesterday", "2026-13-01", "0001-01-01", "9999-12-31", "2030-01-01"])
def test_a_day_that_is_none(at: Lobby, words: str) -> None:
    at.says(f"/report {words}")
    assert at.audited().outcome == "declined"


def pixels(png: bytes) -> Picture:
    return np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def grid(rows: int, **hours: int) -> Plot:
    counts = {f"camera {row}": [0] * 24 for row in range(rows)}
    for name, number in hours.items():
        counts["camera 0"][int(name[1:])] = number
    return Plot("title", "axis", counts, {})


def test_numbers_and_alarms_are_to_be_seen() -> None:
    plot = grid(2, h3=4, h20=1)
    plain = pixels(draw(plot))
    alarmed = pixels(draw(replace(plot, alarms={"camera 0": [hour == 3 for hour in range(24)]})))
    vermilion = np.array([0x00, 0x5E, 0xD5])
    assert not (np.abs(plain.astype(int) - vermilion).sum(axis=2) < 12).any()
    assert (np.abs(alarmed.astype(int) - vermilion).sum(axis=2) < 12).sum() > 100
    assert (plain != pixels(draw(grid(2, h3=5, h20=1)))).any()


def test_many_cameras_fit_a_phone() -> None:
    tall = pixels(draw(grid(50, h3=4)))
    assert tall.shape[0] < 1080


def test_names_in_any_writing_can_be_drawn() -> None:
    names = ("Cour 🔥 $x^2$ \\alpha _{", "מצלמה", "カメラ", "x" * 60, "a\nb")
    assert draw(Plot("$title$ 日", "axis", {name: [1] * 24 for name in names}, {}))


def test_two_cameras_of_one_name_are_added_up(at: Lobby) -> None:
    at.controls.names["gate"] = "Back yard"
    at.incident(opened("a"))
    at.incident(opened("b", camera="gate"))
    assert at.says("/report")[0].pictures


def test_times_are_those_of_the_place() -> None:
    assert AT.astimezone().utcoffset() is not None
    assert timedelta(hours=-14) < (AT.astimezone().utcoffset() or timedelta()) < timedelta(hours=15)
