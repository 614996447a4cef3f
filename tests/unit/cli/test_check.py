from __future__ import annotations

import io
import json
import socket
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest
import typer
from rich.console import Console

from agent.cli import check_report
from agent.cli.check import check
from agent.config.loader import load
from tests.fakes.cli import runner
from tests.fakes.object_bundles import object_bundle

app = typer.Typer()
app.command()(check)

GOOD = """\
site: brussels
cameras:
  - {id: yard, name: "The [yard]", url: "rtsp://watch:hunter2@10.0.0.7/1?token=hunter2"}
  - {url: usb:0, enabled: false}
mqtt: {host: broker.example, username: u, password: hunter2, tls: {enabled: true}}
metrics: {port: 9464}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BEFFROI_CONFIG", raising=False)
    return tmp_path


def write(text: str) -> None:
    path = Path("beffroi.yaml")
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)


def run(*arguments: str) -> Any:
    result = runner().invoke(app, list(arguments))
    assert "hunter2" not in result.stdout + result.stderr
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def report(*arguments: str) -> Dict[str, Any]:
    read: Dict[str, Any] = json.loads(run("--json", *arguments).stdout)
    return read


def test_a_right_configuration_shows_what_would_run() -> None:
    write(GOOD)
    result = run()
    assert result.exit_code == 0
    lines: List[str] = result.stdout.splitlines()
    assert lines[0].startswith("camera yard  rtsp://10.0.0.7/1")
    assert "(The [yard])  5 looks a second" in lines[0]
    assert lines[1] == "camera camera-2  usb:0  not enabled"
    assert "broker  mqtts://broker.example:8883  MQTT 5, from severity informational" in lines
    assert "metrics  http://127.0.0.1:9464/metrics" in lines
    assert lines[-1] == "beffroi.yaml is right."


def test_a_terminal_gets_a_table(folder: Path) -> None:
    write(GOOD)
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120)
    check_report.show(load(Path("beffroi.yaml"), {}), console)
    text = screen.getvalue()
    assert "│ camera yard" in text
    assert "The [yard]" in text
    assert "hunter2" not in text


def test_all_that_is_wrong_is_printed_and_the_code_is_2() -> None:
    write("cameras: [{url: 'rtps://u:hunter2@h'}]\ndevise: x\n")
    result = run()
    assert result.exit_code == 2
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert lines[0].startswith('beffroi.yaml:1:17: cameras[0].url: starts with "rtps:"')
    assert lines[1] == 'beffroi.yaml:2:1: unknown setting "devise". Did you mean "device"?'


def test_errors_as_json() -> None:
    write("cameras: [usb:x]\ndevise: x\n")
    result = run("--json")
    assert result.exit_code == 2
    told = json.loads(result.stdout)
    assert told["ok"] is False
    assert [(error["line"], error["column"], error["setting"]) for error in told["errors"]] == [
        (1, 11, "cameras[0].url"),
        (2, 1, None),
    ]
    assert told["errors"][1]["message"] == 'unknown setting "devise". Did you mean "device"?'


def test_a_right_configuration_as_json() -> None:
    write(GOOD)
    told = report()
    assert told["ok"] is True
    assert told["errors"] == []
    assert told["connections"] == []
    assert [camera["id"] for camera in told["would_run"]["cameras"]] == ["yard", "camera-2"]
    assert told["would_run"]["broker"] == "mqtts://broker.example:8883"


def test_rules_about_things_and_masks_are_part_of_what_would_run() -> None:
    write(
        """\
cameras:
  - id: yard
    url: usb:0
    objects:
      zones: [{name: windows, polygon: "0,0 1,0 1,0.2", kind: mask}]
      rules: [{name: people, when: enter}, {name: cars, when: leave}]
"""
    )
    lines = run().stdout.splitlines()
    assert "camera yard  usb:0  5 looks a second, rules: 2, masks: 1" in lines
    assert "objects  city-nano  where cameras have rules about things" in lines
    would_run = report()["would_run"]
    assert would_run["cameras"][0]["object_rules"] == ["people", "cars"]
    assert would_run["cameras"][0]["masks"] == 1
    assert would_run["objects_model"] == "city-nano"
    write(GOOD)
    assert report()["would_run"]["objects_model"] is None


@pytest.mark.parametrize(
    "wanted", ["", "faces: {look_in: people}\n", "    objects: {rules: [{name: people, when: enter}]}\n"]
)
def test_a_model_of_things_that_is_needed_and_missing_is_a_warning(folder: Path, wanted: str) -> None:
    text = "store: {folder: data}\nobjects: {bundle: boxer}\ncameras:\n  - id: yard\n    url: usb:0\n"
    write(text + wanted)
    warnings = report()["warnings"]
    assert any("there is no bundle 'boxer'" in warning for warning in warnings) == bool(wanted)
    object_bundle(folder / "data" / "models" / "boxer")
    assert len(report()["warnings"]) == 1


def test_nothing_to_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.cli.check.locate", _no_places)
    result = run()
    assert result.exit_code == 2
    assert "no configuration found" in result.stderr
    assert json.loads(run("--json").stdout)["errors"][0]["line"] is None


def _no_places(given: Any, environ: Any) -> Path:
    from agent.config.loader import locate

    return locate(given, environ, places=())


def test_the_variable_names_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "elsewhere.yaml").write_text(GOOD, encoding="utf-8")
    monkeypatch.setenv("BEFFROI_CONFIG", "elsewhere.yaml")
    assert run().stdout.endswith("elsewhere.yaml is right.\n")
    assert run("no-such.yaml").exit_code == 2


def test_without_a_broker_there_is_a_warning() -> None:
    write("cameras: [usb:0]\n")
    result = run()
    assert result.exit_code == 0
    assert (
        "warning: there is neither an mqtt nor a telegram section: incidents are stored and nobody is told."
        in result.stdout
    )
    assert len(report()["warnings"]) == 1


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that refuses: bound, so that nobody else listens there, and not listening."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def test_connecting_tells_of_each_and_the_code_is_5(closed_port: int) -> None:
    broker = f"mqtt: {{host: 127.0.0.1, port: {closed_port}}}"
    write(f"cameras: ['scene:?width=160&height=96', ./none.mp4, {{url: usb:99, enabled: false}}]\n{broker}\n")
    result = run("--connect")
    assert result.exit_code == 5
    assert "camera camera-1: OK, a picture of 160 x 96 after " in result.stdout
    assert "camera camera-2: failed: " in result.stdout
    assert "camera-3: " not in result.stdout
    assert "broker: failed: nothing listens at 127.0.0.1" in result.stdout
    assert "is right" not in result.stdout


def test_connecting_where_all_answer() -> None:
    write("cameras: ['scene:?width=160&height=96']\n")
    result = run("--connect", "--json")
    assert result.exit_code == 0
    (outcome,) = json.loads(result.stdout)["connections"]
    assert outcome["what"] == "camera camera-1"
    assert outcome["ok"] is True
