from __future__ import annotations

import re
from pathlib import Path

import pytest

from agent.config.secrets import Unresolved, expand, from_file
from tests.unit.config.writing import CAMERA, Desk

ENVIRON = {"NAME": "value", "EMPTY": "", "NUMBER": "7", "SECRET": "hunter2"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain $ and $NAME", "plain $ and $NAME"),
        ("a ${NAME} b ${NAME}", "a value b value"),
        ("${NO:-default}", "default"),
        ("${EMPTY:-default}", "default"),
        ("${NO:-}", ""),
        ("${NAME:-default}", "value"),
        ("$${NAME}", "${NAME}"),
        ("$$${NAME}", "$${NAME}"),
    ],
)
def test_references_are_replaced(text: str, expected: str) -> None:
    assert expand(text, ENVIRON) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x ${NO}", "the environment variable NO is not set or empty. Set it, or write ${NO:-default}"),
        ("x ${EMPTY}", "EMPTY is not set or empty"),
        ("x ${NO", "no ${VARIABLE}. Close it"),
        ("x ${1}", "no ${VARIABLE}. Close it"),
    ],
)  # fmt: skip
def test_references_to_nothing_are_refused(text: str, expected: str) -> None:
    with pytest.raises(Unresolved, match=re.escape(expected)):
        expand(text, ENVIRON)


def test_a_value_is_not_expanded_again() -> None:
    assert expand("${A}", {"A": "${B}", "B": "x"}) == "${B}"


def test_a_secrets_file_counts_from_the_configurations_folder(desk: Desk) -> None:
    (desk.path.parent / "url").write_text("rtsp://u:p@h/1\r\n", encoding="utf-8")
    settings = desk.load("cameras: ['file:url', 'file:${FOLDER}/url']", {"FOLDER": str(desk.path.parent)})
    assert [camera.url.get_secret_value() for camera in settings.cameras] == ["rtsp://u:p@h/1"] * 2


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"two\nlines", b"\xff\xfe", b"\x00\x00\x00 ftypisom", b"x" * 70_000]
)
def test_a_secrets_file_must_hold_one_line_of_text(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "secret").write_bytes(data)
    with pytest.raises(Unresolved, match="is empty or not one line of text"):
        from_file("secret", tmp_path)


@pytest.mark.parametrize("name", ["missing", ".", "a\0b"])
def test_a_secrets_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unresolved, match="the secret's file cannot be read"):
        from_file(name, tmp_path)


def test_a_missing_secret_is_told_where_it_stands(desk: Desk) -> None:
    first, second = desk.problems("cameras: ['${NO}', {url: file:/no/such}]")
    assert first == (
        "1:11: cameras[0].url: the environment variable NO is not set or empty. "
        "Set it, or write ${NO:-default}"
    )
    assert second == (
        "1:26: cameras[1].url: the secret's file cannot be read (No such file or directory). "
        "Write file: and a readable file"
    )


def test_variables_work_for_numbers_quoted_or_not(desk: Desk) -> None:
    settings = desk.load(CAMERA + "fire: {needed: '${NUMBER}', window: '${NO:-9}'}\n", ENVIRON)
    assert (settings.fire.needed, settings.fire.window) == (7, 9)
    assert desk.load(CAMERA + "fire:\n  needed: ${NUMBER}\n", ENVIRON).fire.needed == 7


def test_a_text_from_a_variable_stays_a_text_and_nothing_is_nothing(desk: Desk) -> None:
    text = CAMERA + "mqtt:\n  host: h\n  username: ${NUMBER}\n  password: ${NO:-}\n"
    settings = desk.load(text, ENVIRON)
    assert settings.mqtt is not None
    assert settings.mqtt.username == "7"
    assert settings.mqtt.password is None


def test_file_is_only_for_secrets(desk: Desk) -> None:
    assert desk.load(CAMERA + "site: file:x\n").site == "file:x"


@pytest.mark.parametrize(
    "text",
    [
        "site: a ${SECRET}\n",
        "fire:\n  needed: ${SECRET}\n",
        "mqtt: {host: 'h', port: '${SECRET}'}\n",
        "log_level: ${SECRET}\n",
        "mqtt: {host: h, password: hunter2}\n",
        "mqtt: {host: h, passwrd: hunter2}\n",
        "mqtt: {host: h, password:hunter2}\n",
        "mqtt: {host: h, username: u, password: hunter2, client_id: [hunter2]}\n",
        "mqtt: {host: h, username: u, password: hunter2, version: hunter2}\n",
        "site: rtsp://a:hunter2@h/\n",
        "site: 'http://h/?token=hunter2'\n",
        "mqtt: hunter2\n",
        "mqtt: 'a hunter2'\n",
        "mqtt:\n  host: h\n  password: hunter2: x\n",
        "mqtt:\n  host: h\n  password: 'hunter2\n",
        "mqtt:\n  host: h\n  password: !hunter2 x\n",
        "password: hunter2\n",
    ],
)
def test_no_error_shows_a_secret(desk: Desk, text: str) -> None:
    problems = "\n".join(desk.problems(text + CAMERA, ENVIRON))
    assert "hunter2" not in problems


@pytest.mark.parametrize(
    "url", ["rtps://u:hunter2@h/", "rtsp:/u:hunter2@h", "u:hunter2@h", "http://u:hunter2/@h:x"]
)
def test_no_error_shows_a_cameras_address(desk: Desk, url: str) -> None:
    assert "hunter2" not in desk.problem(f"cameras: ['{url}']")
    assert "hunter2" not in desk.problem(f"cameras: '{url}'")


def test_settings_do_not_show_their_secrets(desk: Desk) -> None:
    settings = desk.load(
        "cameras: ['rtsp://u:hunter2@h/']\nmqtt: {host: h, username: u, password: hunter2}\n"
    )
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings.model_dump())


def test_a_password_with_spaces_is_hidden_whole(desk: Desk) -> None:
    problem = desk.problem(CAMERA + "site: rtsp://u:my secret words@10.0.0.7/x?token=secret\n")
    assert '(got "***@10.0.0.7/x?***")' in problem
