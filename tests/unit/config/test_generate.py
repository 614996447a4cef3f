from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict

import jsonschema
import pytest
from ruamel.yaml import YAML

from agent.config.generate import EXAMPLE, PAGE, SCHEMA, generated, main
from agent.config.loader import load
from agent.config.settings import Settings
from agent.config.shape import walk
from agent.config.table import with_table
from tests.unit.config.writing import CAMERA, Desk

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("path", [EXAMPLE, SCHEMA, PAGE])
def test_what_is_committed_is_what_the_settings_say(path: Path) -> None:
    remedy = "run: python -m agent.config.generate"
    assert (ROOT / path).read_text(encoding="utf-8") == generated(ROOT)[path], remedy


def test_generating_writes_the_files(tmp_path: Path) -> None:
    for path in (EXAMPLE, SCHEMA, PAGE):
        (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / PAGE).write_text((ROOT / PAGE).read_text(encoding="utf-8"), encoding="utf-8")
    main(tmp_path)
    for path in (EXAMPLE, SCHEMA, PAGE):
        assert (tmp_path / path).read_text(encoding="utf-8") == (ROOT / path).read_text(encoding="utf-8")


def test_a_page_without_the_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="the page needs the lines"):
        with_table("no table here", Settings)


def test_every_setting_is_described() -> None:
    for path, setting in walk(Settings):
        assert setting.info.description, path
        assert setting.info.description.endswith("."), path


def test_the_example_loads_as_it_stands() -> None:
    settings = load(ROOT / EXAMPLE, {})
    assert [camera.id for camera in settings.cameras] == ["camera-1", "camera-2"]
    assert settings.mqtt is None


def uncommented() -> str:
    return re.sub(r"^( *)#(?=[a-z_]+:|-$)", r"\1", (ROOT / EXAMPLE).read_text(encoding="utf-8"), flags=re.M)


def test_the_example_loads_with_every_setting_in_it(desk: Desk) -> None:
    (desk.path.parent / "password").write_text("hunter2\n", encoding="utf-8")
    (desk.path.parent / "faces.key").write_text(f"{'A' * 43}=\n", encoding="utf-8")
    (desk.path.parent / "token").write_text("123456789:AbCdEfGhIjKlMnOpQrStUvWxYz\n", encoding="utf-8")
    text = uncommented().replace("file:/etc/beffroi/mqtt-password", "file:password")
    text = text.replace("file:/etc/beffroi/telegram-token", "file:token")
    settings = desk.load(text)
    assert settings.mqtt is not None
    assert settings.mqtt.tls.key_file == Path("/etc/beffroi/device.key")
    assert settings.cameras[1].location is not None
    for path, _ in walk(Settings):
        assert re.search(rf"^ *{path[-1]}:", text, re.M), path


def schema() -> Dict[str, Any]:
    read: Dict[str, Any] = json.loads((ROOT / SCHEMA).read_text(encoding="utf-8"))
    return read


def complaints(text: str) -> int:
    data = YAML(typ="safe", pure=True).load(text)
    return len(list(jsonschema.Draft7Validator(schema()).iter_errors(data)))


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(schema())


@pytest.mark.parametrize("text", [(ROOT / EXAMPLE).read_text(encoding="utf-8"), uncommented()])
def test_editors_accept_the_example(text: str) -> None:
    assert complaints(text) == 0


@pytest.mark.parametrize(
    "text",
    [
        "mqtt: {host: h, version: 5}",
        "mqtt: {host: h, version: 3.1.1, username: 12, password: 34}",
        "fire: {needed: '${N}', open_above: 0.5}\nlog_level: ${LEVEL}\nsite: ${SITE}",
        "fire:\nmqtt:\nmetrics: {port: }",
    ],
)
def test_editors_and_the_loader_accept_the_same(desk: Desk, text: str) -> None:
    text = f"{text}\n{CAMERA}"
    desk.load(text, {"N": "5", "LEVEL": "info", "SITE": "x"})
    assert complaints(text) == 0


@pytest.mark.parametrize(
    "text",
    [
        "fire: {needed: 0}",
        "fire: {needed: 1.5}",
        "fire: {open_above: 1}",
        "fire: {nedeed: 1}",
        "mqtt: {port: 1}",
        "log_level: loud",
        "site: a b",
        "cameras: []",
        "cameras: [{id: x}]",
        "cameras: [{url: x, transport: sctp}]",
        "store: 5",
    ],
)
def test_editors_and_the_loader_refuse_the_same(desk: Desk, text: str) -> None:
    text = text if text.startswith("cameras") else f"{text}\n{CAMERA}"
    assert desk.problems(text)
    assert complaints(text) > 0


def test_the_pages_errors_are_real(desk: Desk) -> None:
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    found = re.search(
        r"From this file:\n\n```yaml\n(.*?)```\n\ncome these lines:\n\n```text\n(.*?)```", page, re.S
    )
    assert found is not None
    expected = [line.replace("beffroi.yaml:", "", 1) for line in found[2].splitlines()]
    assert desk.problems(found[1]) == expected
