from __future__ import annotations

from pathlib import Path

import pytest

from agent.config.loader import load, locate
from agent.config.problems import InvalidConfigError
from agent.config.settings import Settings
from agent.errors import ConfigError
from tests.unit.config.writing import CAMERA, Desk


def test_one_address_is_enough(desk: Desk) -> None:
    settings = desk.load("cameras:\n  - rtsp://camera.example/1\n")
    assert settings.cameras[0].id == "camera-1"
    assert settings.cameras[0].url.get_secret_value() == "rtsp://camera.example/1"
    assert settings.fire == Settings(cameras=list(settings.cameras)).fire


def test_ids_follow_the_position_where_left_out(desk: Desk) -> None:
    settings = desk.load(
        """
        cameras:
          - usb:0
          - {id: yard, url: /dev/video1}
          - scene:
          - url: "scene:?seed=3"
        """
    )
    assert [camera.id for camera in settings.cameras] == ["camera-1", "yard", "camera-3", "camera-4"]
    assert settings.cameras[2].url.get_secret_value() == "scene:"


def test_texts_need_no_quotes(desk: Desk) -> None:
    settings = desk.load(
        CAMERA + "mqtt: {host: broker, version: 5, username: 007, password: 1e3}\njobs: {nightly_at: 04:05}\n"
    )
    assert settings.mqtt is not None
    assert settings.mqtt.version == "5"
    assert settings.mqtt.username == "007"
    assert settings.mqtt.password is not None
    assert settings.mqtt.password.get_secret_value() == "1e3"
    assert settings.jobs.nightly_at == "04:05"


def test_a_section_with_only_its_name_has_its_defaults(desk: Desk) -> None:
    settings = desk.load(CAMERA + "fire:\nstore:\nmqtt:\n")
    assert settings.fire.needed == 5
    assert settings.mqtt is None


def test_whole_numbers_do_for_seconds_and_unquoted_switches(desk: Desk) -> None:
    settings = desk.load(
        "cameras: [{url: scene:, enabled: false, read_timeout_s: 7}]".replace("scene:", "'scene:'")
    )
    assert settings.cameras[0].read_timeout_s == 7.0
    assert settings.cameras[0].enabled is False


def test_a_byte_order_mark_and_foreign_line_ends_are_fine(desk: Desk) -> None:
    desk.path.write_bytes(b"\xef\xbb\xbfcameras:\r\n  - usb:0\r\nfire:\r\n  needed: 3\r\n")
    assert load(desk.path, {}).fire.needed == 3


def test_all_problems_are_told_at_once_in_the_order_of_the_file(desk: Desk) -> None:
    problems = desk.problems(
        """\
        devise: x
        cameras:
          - id: Yard
            url: rtsp://a/1
            location: {latitude: 91}
          - url: ${NOPE}
        fire: {needed: 9}
        mqtt: {prot: 1}
        log_level: loud
        """
    )
    assert [problem.split(": ")[0] for problem in problems] == [
        "1:1", "3:9", "5:5", "5:26", "6:10", "7:16", "8:1", "8:8", "9:12",
    ]  # fmt: skip


def test_the_error_is_a_line_per_problem_starting_with_the_place(desk: Desk) -> None:
    with pytest.raises(ConfigError) as caught:
        desk.load("cameras: 5\nfire: {window: 0}\n")
    lines = str(caught.value).split("\n")
    assert lines[0] == (
        f"{desk.path}:1:10: cameras: must be a list with at least one entry (got a number, true or false). "
        "Write cameras: and below it a line with - rtsp://camera.example/stream1"
    )
    assert lines[1].startswith(
        f"{desk.path}:2:16: fire.window: must be a whole number from 1 to 1000 (got 0)."
    )
    assert caught.value.__cause__ is None
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("site: [a]", '1:7: site: must be 1 to 64 characters, none of them a space, /, + or # (got a list)'),
        ("site: {a: b}", "1:7: site: must be 1 to 64 characters, none of them a space, /, + or # (got a gro"),
        ("fire: [1]", "1:7: fire: must be a group of settings (name: value) (got a list)"),
        ("fire: {needed: 1.5}", "1:16: fire.needed: must be a whole number from 1 to 1000 (got 1.5)"),
        ("fire: {needed: true}", "1:16: fire.needed: must be a whole number from 1 to 1000 (got true)"),
        ("fire: {needed: 0}", "1:16: fire.needed: must be a whole number from 1 to 1000 (got 0)"),
        ("fire: {needed: }", "1:8: fire.needed: must be a whole number from 1 to 1000 (got nothing)"),
        ('fire: {needed: "5"}', '1:16: fire.needed: must be a whole number from 1 to 1000 (got "5"). Leave '),
        ("fire: {half_life_s: soon}", "1:21: fire.half_life_s: must be a number of seconds above 0 and at m"),
        ("fire: {half_life_s: 1e999}", "1:21: fire.half_life_s: must be a number of seconds above 0 and at "),
        ("fire: {open_above: 1}", "1:20: fire.open_above: must be a number above 0 and below 1 (got 1). Wri"),
        ("log_level: yes", '1:12: log_level: must be one of debug, info, warning, error (got "yes"). Write '),
        ("store: {folder: [x]}", "1:17: store.folder: must be the path of a folder (got a list). Write for "),
        ("jobs: {nightly_at: 24:00}", '1:20: jobs.nightly_at: must be a time of day from 00:00 to 23:59 (go'),
        ("metrics: {port: 70000}", "1:17: metrics.port: must be a whole number from 1 to 65535 (got 70000)."),
        ("mqtt: {host: a b}", '1:14: mqtt.host: must be a host name or an IP address (got "a..."). Write fo'),
        ("mqtt: {port: 1}", "1:1: mqtt.host: is missing. Write for example host: broker.example"),
        ("mqtt: {host: h, username: ''}", '1:27: mqtt.username: must be text (got ""). Write for example'),
        ("mqtt: {host: h, password: [x]}", "1:27: mqtt.password: must be text (got ***). Write for example "),
        ("mqtt: {host: h, password: x}", "1:27: mqtt.password: needs mqtt.username (got ***). Add username,"),
        ("mqtt: {host: h, tls: {cert_file: c}}", "1:34: mqtt.tls.cert_file: needs mqtt.tls.key_file (got"),
        ("mqtt: {host: h, tls: {key_file: c}}", "1:33: mqtt.tls.key_file: needs mqtt.tls.cert_file (got"),
        ("fire: {needed: 9}", "1:16: fire.needed: must not be above fire.window, which is 8 (got 9). Write "),
        ("fire: {open_above: .3, close_below: .3}", "1:37: fire.close_below: must be below fire.open_above,"),
        ("devise: x", '1:1: unknown setting "devise". Did you mean "device"?'),
        ("fire: {Needed: 5}", '1:8: fire: unknown setting "Needed". Did you mean "needed"?'),
        ("keep_days: 5", '1:1: unknown setting "keep_days" here. Did you mean store.keep_days?'),
        ("zzz: 5", '1:1: unknown setting "zzz". Possible here: site, device, cameras, fire, faces, objects,'),
        ("hunter2!: 5", "1:1: unknown setting. Possible here: site, device,"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_place_and_its_remedy(desk: Desk, text: str, expected: str) -> None:
    problem = desk.problem(f"{text}\n{CAMERA}")
    assert problem.startswith(expected)
    assert "\n" not in problem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("site: x\n", "1:1: cameras: is missing. Write cameras: and below it a line with - rtsp://"),
        ("cameras: []\n", "1:10: cameras: must be a list with at least one entry (got a list)."),
        ("cameras:\n", "1:1: cameras: must be a list with at least one entry (got nothing)."),
        (
            "cameras: {url: x}\n",
            "1:10: cameras: must be a list with at least one entry (got a group of settings).",
        ),
        (
            "cameras:\n  - [x]\n",
            "2:5: cameras[0]: must be a group of settings or the text of its address (got a list)",
        ),
        (
            "cameras:\n  -\n",
            "2:4: cameras[0]: must be a group of settings or the text of its address (got nothing)",
        ),
        (
            "cameras:\n  - id: x\n",
            "2:5: cameras[0].url: is missing. Write for example url: rtsp://camera.example",
        ),
        (
            "cameras:\n  - 5\n",
            "2:5: cameras[0].url: is neither a URL nor a file or folder that is here (got ***).",
        ),
        ("- x\n", "1:1: must be settings, one a line (got a list). Write name: value"),
        ("just words\n", "1:1: must be settings, one a line (got a text). Write name: value"),
    ],
)
def test_mistakes_about_the_cameras_and_the_whole(desk: Desk, text: str, expected: str) -> None:
    assert desk.problem(text).startswith(expected)


def test_repeated_ids_are_told_even_where_something_else_is_wrong(desk: Desk) -> None:
    text = """\
        cameras:
          - {id: a, url: usb:0}
          - {id: a, url: nonsense}
          - {id: camera-4, url: usb:1}
          - usb:2
        """
    assert [problem.split(". ")[0] for problem in desk.problems(text)] == [
        '3:10: cameras[1].id: "a" is the id of cameras[0] already',
        "3:18: cameras[1].url: is neither a URL nor a file or folder that is here (got ***)",
        '5:5: cameras[3].id: "camera-4" is the id of cameras[2] already',
    ]
    assert len(desk.problems(text.replace("nonsense", "usb:7"))) == 2


def test_the_given_path_comes_first_then_the_variable_then_the_places(tmp_path: Path) -> None:
    there = tmp_path / "there.yaml"
    there.touch()
    places = (tmp_path / "not-there.yaml", there)
    named = {"BEFFROI_CONFIG": "named.yaml"}
    assert locate(Path("given.yaml"), named, places) == Path("given.yaml")
    assert locate(None, named, places) == Path("named.yaml")
    assert locate(None, {}, places) == there
    with pytest.raises(
        ConfigError, match=r"no configuration found: tried \$BEFFROI_CONFIG, .*not-there.yaml"
    ):
        locate(None, {}, places[:1])


def test_settings_made_in_code_are_held_to_the_same_rules(desk: Desk) -> None:
    camera = desk.load(CAMERA).cameras[0]
    with pytest.raises(ValueError, match="have ids that repeat"):
        Settings(cameras=[camera, camera])
    with pytest.raises(InvalidConfigError):
        desk.load("cameras: [{id: a, url: usb:0}, {id: a, url: usb:1}]")


def test_of_very_many_problems_the_first_hundred_are_told(desk: Desk) -> None:
    with pytest.raises(InvalidConfigError) as caught:
        desk.load(CAMERA + "".join(f"zzz{number}: 1\n" for number in range(150)))
    lines = str(caught.value).split("\n")
    assert len(caught.value.problems) == 150
    assert len(lines) == 101
    assert lines[-1] == f"{desk.path}:102:1: and 50 more from here on"
