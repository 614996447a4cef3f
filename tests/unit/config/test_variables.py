from __future__ import annotations

from pathlib import Path

import pytest

from agent.config.variables import assignments, variables
from tests.unit.config.writing import Desk


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A=b", {"A": "b"}),
        ("  A = b c  ", {"A": "b c"}),
        ("A=", {"A": ""}),
        ("A=b=c#d", {"A": "b=c#d"}),
        ("A='it is \\n $x'", {"A": "it is \\n $x"}),
        ('A="say \\"hi\\" \\$x \\n"', {"A": 'say "hi" $x \\n'}),
        ("A=b\\ c\\\\", {"A": "b c\\"}),
        ("A=it's", {"A": "it's"}),
        ("# A=b", {}),
        ("; A=b", {}),
        ("export A=b", {}),
        ("1A=b", {}),
        ("nonsense", {}),
        ("", {}),
    ],
)
def test_lines_are_read_as_systemd_reads_them(line: str, expected: dict[str, str]) -> None:
    assert assignments(line) == expected


def test_the_credential_of_the_service_comes_before_the_file_beside_the_configuration(tmp_path: Path) -> None:
    service, folder = tmp_path / "credentials", tmp_path / "etc"
    for place in (service, folder):
        place.mkdir()
    (folder / "secrets.env").write_text("PASSWORD=of-the-folder\n")
    environ = {"CREDENTIALS_DIRECTORY": str(service)}
    assert variables(environ, folder)["PASSWORD"] == "of-the-folder"
    (service / "secrets.env").write_text("PASSWORD=of-the-service\n")
    assert variables(environ, folder)["PASSWORD"] == "of-the-service"
    assert (
        variables({**environ, "PASSWORD": "of-the-environment"}, folder)["PASSWORD"] == "of-the-environment"
    )


def test_without_a_file_the_environment_is_all(tmp_path: Path) -> None:
    assert variables({"A": "b"}, tmp_path) == {"A": "b"}


def test_a_configuration_names_what_stands_in_it(desk: Desk) -> None:
    (desk.path.parent / "secrets.env").write_text("CAMERA_PASSWORD='hunter2'\n")
    settings = desk.load("cameras: ['rtsp://u:${CAMERA_PASSWORD}@h/1']")
    assert settings.cameras[0].url.get_secret_value() == "rtsp://u:hunter2@h/1"
