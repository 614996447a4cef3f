from __future__ import annotations

import io
import json
import threading
from pathlib import Path
from typing import Any, Dict, List

import pytest
import typer
from rich.console import Console

from agent.cli import doctor, doctor_report
from agent.cli.connections import Trial
from agent.doctor.finding import Finding, Status, failed, not_applicable, ok, warning
from agent.doctor.running import Result, run_all
from agent.doctor.table import CHECKS
from agent.errors import BeffroiError, SourceError
from tests.fakes.cli import runner
from tests.fakes.device_tree import Tree, pc
from tests.unit.doctor.subjects import settings, subject

app = typer.Typer()
app.command()(doctor.doctor)

RESULTS = [
    Result("python", ok("Python 3.8")),
    Result("clock", warning("nobody keeps [it] right", "set it")),
    Result("configuration", failed("line 1 is wrong\nline 2, too", "correct it")),
    Result("device", not_applicable("not a Jetson")),
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BEFFROI_CONFIG", raising=False)
    return tmp_path


def run(*arguments: str) -> Any:
    result = runner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def write(folder: Path, text: str) -> str:
    path = folder / "beffroi.yaml"
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


def test_as_json_it_has_a_stable_shape(folder: Path) -> None:
    path = write(folder, "cameras: ['scene:']\nmqtt: {host: broker.example}\n")
    result = run(path, "--json", "--only", "python", "--only", "configuration")
    assert result.exit_code == 0
    told: Dict[str, Any] = json.loads(result.stdout)
    assert sorted(told) == ["checks", "config", "format", "ok", "version"]
    assert (told["format"], told["ok"], told["config"]) == (1, True, path)
    assert [(each["name"], each["status"], each["remedy"]) for each in told["checks"]] == [
        ("python", "ok", None),
        ("configuration", "ok", None),
    ]
    assert all(sorted(each) == ["found", "name", "remedy", "status"] for each in told["checks"])


def test_what_failed_gives_nine(folder: Path) -> None:
    path = write(folder, "cameras: 3\n")
    result = run(path, "--only", "configuration")
    assert result.exit_code == 9
    assert result.stdout.startswith("configuration  FAILED   ")
    assert "-> correct it until `beffroi check" in result.stdout
    assert result.stdout.endswith("failed: 1, warnings: 0, OK: 0, not applicable: 0\n")
    assert json.loads(run(path, "--json", "--only", "configuration").stdout)["ok"] is False


def test_a_warning_gives_zero(folder: Path) -> None:
    result = run(write(folder, "cameras: ['scene:']\n"), "--only", "configuration")
    assert result.exit_code == 0
    assert "warning" in result.stdout


def test_a_check_that_is_not_there() -> None:
    result = run("--only", "phyton")
    assert result.exit_code == 2
    assert "phyton" in result.stderr


def test_connections_are_tried_unless_offline(folder: Path) -> None:
    path = write(folder, "cameras: ['scene:', /missing.mp4]\n")
    result = run(path, "--json", "--only", "camera", "--only", "python")
    assert result.exit_code == 9
    checks = {each["name"]: each for each in json.loads(result.stdout)["checks"]}
    assert list(checks) == ["python", "camera:camera-1", "camera:camera-2"]
    assert checks["camera:camera-1"]["found"].startswith("a picture of 1280 x 720")
    assert "/missing.mp4" in checks["camera:camera-2"]["found"]
    assert "beffroi watch" in checks["camera:camera-2"]["remedy"]
    offline = run(path, "--json", "--offline", "--only", "camera", "--only", "python")
    assert offline.exit_code == 0
    assert [each["name"] for each in json.loads(offline.stdout)["checks"]] == ["python"]


def test_every_connection_is_a_check(tmp_path: Path) -> None:
    token = "1234567:" + "a" * 35
    sections = {"mqtt": {"host": "broker.example"}, "telegram": {"token": token}}
    examined = subject(pc(tmp_path).root, settings=settings(tmp_path, **sections))
    assert [check.name for check in doctor.connections(examined)] == ["camera:camera-1", "broker", "telegram"]
    assert doctor.connections(subject(Tree(tmp_path / "none").root)) == []


@pytest.mark.parametrize(
    ("reason", "active", "status"),
    [
        ("cannot be opened", "active", Status.WARNING),
        ("no answer", "active", Status.WARNING),
        ("unplugged", "active", Status.FAILED),
        ("cannot be opened", None, Status.FAILED),
    ],
)
def test_a_camera_that_the_running_agent_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str, active: str, status: Status
) -> None:
    def refuse() -> str:
        raise SourceError("/dev/video0 cannot be opened", reason=reason)

    monkeypatch.setattr(doctor, "trials_of", lambda *_: [Trial("camera yard", refuse, 5.0)])
    answers = {} if active is None else {"systemctl is-active beffroi.service": active}
    examined = subject(pc(tmp_path).root, answers, settings=settings(tmp_path))
    (result,) = run_all(doctor.connections(examined), examined.clock)
    assert (result.name, result.finding.status) == ("camera:yard", status)


def test_a_connection_that_hangs_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def hang() -> str:
        release.wait(60)
        return "late"

    monkeypatch.setattr(doctor, "trials_of", lambda *_: [Trial("broker", hang, 0.05)])
    examined = subject(pc(tmp_path).root, settings=settings(tmp_path))
    from agent.clock import SystemClock

    (result,) = run_all(doctor.connections(examined), SystemClock())
    release.set()
    assert result.finding == Finding(Status.FAILED, "no answer within 0.05 s", doctor._REMEDIES["broker"])


def test_lines_are_whole_and_plain() -> None:
    screen = io.StringIO()
    doctor_report.show(RESULTS, Console(file=screen, width=40))
    assert screen.getvalue().splitlines() == [
        "python         OK       Python 3.8",
        "clock          warning  nobody keeps [it] right",
        "                        -> set it",
        "configuration  FAILED   line 1 is wrong",
        "                        line 2, too",
        "                        -> correct it",
        "device         n/a      not a Jetson",
        "failed: 1, warnings: 1, OK: 1, not applicable: 1",
    ]


def test_a_terminal_gets_a_table() -> None:
    screen = io.StringIO()
    doctor_report.show(RESULTS, Console(file=screen, width=80, force_terminal=True, color_system="truecolor"))
    lines: List[str] = screen.getvalue().splitlines()
    assert any("nobody keeps [it] right" in line for line in lines)
    assert any("→ correct it" in line and "\x1b[" in line for line in lines)


def test_the_picture(tmp_path: Path) -> None:
    picture = tmp_path / "doctor.svg"
    assert run("--only", "python", "--save-svg", str(picture)).exit_code == 0
    assert picture.read_text().startswith("<svg")
    with pytest.raises(BeffroiError, match="cannot be written"):
        doctor_report.save_svg(RESULTS, tmp_path / "missing" / "doctor.svg")


def test_nothing_to_tell() -> None:
    screen = io.StringIO()
    doctor_report.show([], Console(file=screen))
    assert screen.getvalue() == "failed: 0, warnings: 0, OK: 0, not applicable: 0\n"


def test_the_help_teaches() -> None:
    text = runner().invoke(app, ["--help"], env={"COLUMNS": "200"}).stdout
    for word in ("9 where something did", "--offline", "--only", "sudo"):
        assert word in text
    assert "--save-svg" not in text
    assert len(CHECKS) > 20
