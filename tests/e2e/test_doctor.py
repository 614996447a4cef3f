"""`beffroi doctor` as a process."""

from __future__ import annotations

import json
from pathlib import Path

from agent.doctor.table import CHECKS
from tests.e2e.command import beffroi, write_config
from tests.e2e.whole import PATIENCE_S, alive, document, past
from tests.fakes.waiting import until


def test_a_machine_without_a_configuration(tmp_path: Path) -> None:
    done = beffroi("doctor", "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert done.returncode == (0 if told["ok"] else 9)
    assert [each["name"] for each in told["checks"]] == list(CHECKS)
    assert told["config"] is None
    assert list(tmp_path.iterdir()) == []


def test_beside_a_running_agent_it_changes_nothing(tmp_path: Path, bundle: Path, burning: Path) -> None:
    data = tmp_path / "data"
    config = document(data, bundle, yard=burning)
    path = write_config(tmp_path / "beffroi.yaml", config)
    with alive(config):
        until(lambda: bool(past(data)), "an incident", PATIENCE_S)
        done = beffroi("doctor", str(path), "--json", cwd=tmp_path)
        found = {each["name"]: each for each in json.loads(done.stdout)["checks"]}
        for name in ("data-folder", "database", "retention", "model", "camera:yard"):
            assert found[name]["status"] == "ok", found[name]
    assert done.stderr == ""


def test_lines_in_a_pipe_and_the_code_of_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "beffroi.yaml"
    path.write_text("cameras: [3]\n")
    done = beffroi("doctor", str(path), "--only", "configuration", cwd=tmp_path)
    assert done.returncode == 9
    assert "\x1b" not in done.stdout
    assert "FAILED" in done.stdout
    assert done.stderr == ""
