"""The other verbs of `beffroi` as processes: output that can be piped, and exit codes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import av
import pytest

from agent.inference.bundle import shipped
from tests.e2e.command import beffroi, write_config
from tests.e2e.whole import PATIENCE_S, alive, document, past
from tests.fakes.detector import GREEN, GREY, RED
from tests.fakes.films import write_scenes
from tests.fakes.waiting import until


def test_watch_prints_incidents_and_saves_a_film(tmp_path: Path, bundle: Path) -> None:
    film = write_scenes(tmp_path / "film.mp4", [(GREEN, 2), (GREY, 3), (RED, 3)])
    done = beffroi(
        *("watch", str(film), "--bundle", str(bundle), "--json", "--save", "annotated.mp4"), cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["kind"], one["transition"]) for one in told] == [
        ("start-fire", "opened"),
        ("fire", "escalated"),
    ]
    with av.open(str(tmp_path / "annotated.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 80


def test_watch_says_in_one_line_that_there_is_nothing_to_watch(tmp_path: Path, bundle: Path) -> None:
    done = beffroi("watch", "missing.mp4", "--bundle", str(bundle), cwd=tmp_path)
    assert done.returncode == 5
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "missing.mp4" in done.stderr


def test_incidents_are_read_beside_a_running_agent(tmp_path: Path, bundle: Path, burning: Path) -> None:
    data = tmp_path / "data"
    config = document(data, bundle, yard=burning)
    write_config(tmp_path / "beffroi.yaml", config)
    with alive(config):
        until(lambda: bool(past(data)), "an incident", PATIENCE_S)
        listed = beffroi("incidents", "list", "--json", cwd=tmp_path)
        (incident,) = json.loads(listed.stdout)
        assert (incident["kind"], incident["state"], incident["camera"]) == ("fire", "open", "yard")
        shown = beffroi("incidents", "show", incident["id"], cwd=tmp_path)
        assert incident["id"] in shown.stdout.replace("\n", "")
    exported = beffroi("incidents", "export", cwd=tmp_path)
    (row,) = csv.DictReader(io.StringIO(exported.stdout))
    assert row["id"] == incident["id"]
    unknown = beffroi("incidents", "show", "nothing", cwd=tmp_path)
    assert unknown.returncode == 1
    assert "there is no incident nothing" in unknown.stderr


def test_models_are_listed(tmp_path: Path) -> None:
    done = beffroi("models", "list", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [one["name"] for one in json.loads(done.stdout)] == [folder.name for folder in shipped()]


@pytest.mark.timeout(3 * PATIENCE_S)
def test_the_demonstration_tells_its_story(tmp_path: Path) -> None:
    if "fire-lite0" not in [folder.name for folder in shipped()]:
        pytest.skip("the bundle fire-lite0 does not ship with this checkout")
    done = beffroi("demo", "--folder", str(tmp_path / "demo"), cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "start-fire opened" in done.stdout
    assert "fire escalated" in done.stdout
    assert list((tmp_path / "demo").rglob("*.jpg"))
