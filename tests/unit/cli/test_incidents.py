from __future__ import annotations

import csv
import io
import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, List

import pytest
from typer.testing import CliRunner

from agent.cli.incidents import app
from agent.clock import SystemClock
from agent.domain.incident import Incident, Kind
from agent.errors import BeffroiError, ConfigError, StoreError
from agent.store.database import open_database
from agent.store.incidents import SqliteJournal
from agent.store.snapshots import FileSnapshots
from tests.fakes.changes import AT, opened, story
from tests.fakes.pictures import jpeg


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a fire that ended, smoke that goes on and a blind camera."""
    folder = tmp_path_factory.mktemp("data")
    clock = SystemClock()
    with closing(open_database(folder / "beffroi.db", clock)) as database:
        journal = SqliteJournal(database, clock)
        picture = FileSnapshots(folder, clock).save("bin-fire", 1, annotated=jpeg(), clean=jpeg())
        for change in story("bin-fire", updates=1):
            journal.record(change, picture if change.incident.sequence == 1 else None, ["mqtt"])
        journal.record(opened("bin-smoke", camera="gate"), None, [])
        journal.record(opened("blind", Kind.CAMERA, camera="gate"), None, ["mqtt"])
    return folder


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    if result.exception is not None:
        raise result.exception
    return str(result.stdout)


def ids(listing: str) -> List[str]:
    return sorted(one["id"] for one in json.loads(listing))


def test_a_table_shows_what_was_seen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    table = run("list", "--folder", str(folder))
    for word in ("bin-fire", "fire", "resolved", "yard", "90%", "bin-smoke", "start-fire", "open", "gate"):
        assert word in table


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([], ["bin-fire", "bin-smoke", "blind"]),
        (["--kind", "fire"], ["bin-fire"]),
        (["--state", "open"], ["bin-smoke", "blind"]),
        (["--camera", "gate", "--kind", "camera"], ["blind"]),
        (["--since", f"{AT + timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}"], ["bin-fire"]),
        (["--since", "2030-01-01"], []),
    ],
)
def test_incidents_are_chosen_by_filters(folder: Path, filters: List[str], expected: List[str]) -> None:
    assert ids(run("list", "--json", "--folder", str(folder), *filters)) == expected


def test_the_newest_are_kept_by_a_limit(folder: Path) -> None:
    assert len(json.loads(run("list", "--json", "--folder", str(folder), "-n", "2"))) == 2


def test_none_are_said_to_be_none(folder: Path) -> None:
    assert run("list", "--folder", str(folder), "--kind", "face") == "no incidents\n"


def test_one_incident_is_shown_with_its_changes_its_pictures_and_who_was_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shown = run("show", "bin-fire", "--folder", str(folder))
    for word in ("opened", "escalated", "updated", "resolved", "no picture", "mqtt: pending"):
        assert word in shown
    assert "nobody was to be told" in run("show", "bin-smoke", "--folder", str(folder))


def test_one_incident_as_json(folder: Path) -> None:
    whole = json.loads(run("show", "bin-fire", "--json", "--folder", str(folder)))
    assert whole["kind"] == "fire"
    assert whole["bundle"] == "fire-lite0"
    assert [change["transition"] for change in whole["changes"]] == [
        "opened",
        "escalated",
        "updated",
        "resolved",
    ]
    assert [change["sequence"] for change in whole["changes"]] == [1, 2, 3, 4]
    assert (folder / whole["changes"][0]["annotated"]).is_file()
    assert (folder / whole["changes"][0]["clean"]).is_file()
    assert whole["changes"][1]["annotated"] is None
    assert whole["changes"][0]["told"] == {"mqtt": "pending"}


def test_the_beginning_of_an_id_is_enough_where_it_is_one_incidents(folder: Path) -> None:
    assert json.loads(run("show", "bl", "--json", "--folder", str(folder)))["id"] == "blind"
    with pytest.raises(BeffroiError, match="there is no incident bin"):
        run("show", "bin", "--folder", str(folder))
    with pytest.raises(BeffroiError, match="beffroi incidents list"):
        run("show", "nothing", "--folder", str(folder))


def table(text: str) -> List[Any]:
    return list(csv.DictReader(io.StringIO(text)))


def test_incidents_are_exported_as_csv(folder: Path, tmp_path: Path) -> None:
    rows = table(run("export", "--folder", str(folder)))
    assert sorted(row["id"] for row in rows) == ["bin-fire", "bin-smoke", "blind"]
    assert {row["reason"] for row in rows} == {"", "stalled"}
    out = tmp_path / "incidents.csv"
    said = run("export", "--folder", str(folder), "--out", str(out), "--kind", "fire")
    assert said == f"1 incidents written to {out}\n"
    (row,) = table(out.read_text(encoding="utf-8"))
    assert row["camera"] == "yard"
    assert row["first_seen"] == AT.isoformat()


def test_a_drill_is_marked_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    clock = SystemClock()
    with closing(open_database(tmp_path / "beffroi.db", clock)) as database:
        journal = SqliteJournal(database, clock)
        journal.record(Incident.rehearse("rehearsed", "yard", AT, 0.9, actor="telegram:1"), None, [])
        journal.record(opened("true"), None, [])
    assert "fire (drill)" in run("list", "--folder", str(tmp_path))
    listed = json.loads(run("list", "--json", "--folder", str(tmp_path)))
    assert {one["id"]: one["drill"] for one in listed} == {"rehearsed": True, "true": False}


def test_the_configuration_names_the_folder(folder: Path, tmp_path: Path) -> None:
    config = tmp_path / "beffroi.yaml"
    config.write_text(f"cameras: [scene:]\nstore: {{folder: {folder}}}\n")
    assert len(ids(run("list", "--json", "--config", str(config)))) == 3
    with pytest.raises(ConfigError):
        run("list", "--config", str(tmp_path / "missing.yaml"))


def test_a_folder_without_a_database_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database"):
        run("list", "--folder", str(tmp_path))


def test_a_file_that_cannot_be_written_is_an_error_in_words(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BeffroiError, match="cannot be written"):
        run("export", "--folder", str(folder), "--out", str(tmp_path / "no" / "such.csv"))
