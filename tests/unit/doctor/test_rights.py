from __future__ import annotations

from pathlib import Path

import pytest

from agent.device.account import Account
from agent.doctor import rights
from agent.doctor.subject import Configuration
from tests.fakes.device_tree import Tree, orin, pc, xavier_nx
from tests.unit.doctor.subjects import (
    FAILED,
    ME,
    NOT_APPLICABLE,
    OK,
    STRANGER,
    WARNING,
    held,
    settings,
    subject,
)


@pytest.fixture
def open_path(tmp_path: Path) -> Path:
    """A folder that every user may get to."""
    for place in (tmp_path, *tmp_path.parents):
        if not STRANGER.may(place, "x"):
            place.chmod(0o755)
    return tmp_path


def test_a_data_folder(open_path: Path) -> None:
    root, data = pc(open_path / "pc").root, open_path / "data"
    examined = subject(root, settings=settings(data))
    held(rights.data_folder(examined), OK, f"{data}: the user beffroi may write there")
    held(rights.data_folder(subject(root)), NOT_APPLICABLE)


def test_a_data_folder_of_somebody_else(open_path: Path) -> None:
    root, data = pc(open_path / "pc").root, open_path / "data"
    examined = subject(root, settings=settings(data), account=STRANGER)
    held(rights.data_folder(examined), FAILED, "may not make it in", "install -d -o beffroi")
    data.mkdir(mode=0o755)
    held(rights.data_folder(examined), FAILED, "may not write there")
    data.chmod(0o777)
    held(rights.data_folder(examined), OK)
    (data / "beffroi.db-wal").touch(mode=0o644)
    held(rights.data_folder(examined), FAILED, "beffroi.db-wal", "chown -R beffroi:")


def test_secrets(tmp_path: Path) -> None:
    tree = pc(tmp_path)
    held(rights.secrets(subject(tree.root)), NOT_APPLICABLE)
    path = tree.write("/etc/beffroi/secrets.env", "MQTT_PASSWORD=x\n")
    for mode, status in ((0o600, OK), (0o400, OK), (0o640, WARNING), (0o644, FAILED), (0o606, FAILED)):
        path.chmod(mode)
        held(rights.secrets(subject(tree.root)), status, str(path))


def test_secrets_that_the_configuration_names(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.touch()
    token.chmod(0o644)
    config = tmp_path / "beffroi.yaml"
    config.write_text(f'mqtt: {{password: "file:{token}", other: file:/missing}}\n')
    examined = subject(Tree(tmp_path / "none").root, configuration=Configuration(config))
    held(rights.secrets(examined), FAILED, f"chmod 600 {token}")
    token.chmod(0o600)
    held(rights.secrets(examined), OK, f"{token}: closed to others")
    (tmp_path / "secrets.env").touch()
    (tmp_path / "secrets.env").chmod(0o640)
    held(rights.secrets(examined), WARNING, "secrets.env (mode 0640)")
    missing = subject(Tree(tmp_path / "none").root, configuration=Configuration(tmp_path / "x" / "b.yaml"))
    held(rights.secrets(missing), NOT_APPLICABLE)


def test_a_secret_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "token").touch()
    (tmp_path / "token").chmod(0o644)
    config = tmp_path / "beffroi.yaml"
    config.write_text("telegram: {token: file:token}\n")
    examined = subject(Tree(tmp_path / "none").root, configuration=Configuration(config))
    held(rights.secrets(examined), FAILED, str(tmp_path / "token"))


def test_the_devices_of_a_jetson(open_path: Path) -> None:
    tree = xavier_nx(open_path / "nx")
    held(rights.devices(subject(tree.root)), OK, "/dev/nvmap, /dev/nvhost-ctrl")
    held(
        rights.devices(subject(tree.root, account=STRANGER)),
        FAILED,
        "/dev/nvmap",
        "usermod -aG video,render beffroi",
    )
    video = Account("beffroi", 65_500, frozenset([tree.root.path("/dev/nvmap").stat().st_gid]))
    held(rights.devices(subject(tree.root, account=video)), OK)
    tree.root.path("/dev/nvmap").unlink()
    held(rights.devices(subject(tree.root)), FAILED, "/dev/nvmap is missing")


def test_usb_cameras(open_path: Path) -> None:
    tree = orin(open_path / "orin")
    cameras = ["usb:2", "/dev/video4", "rtsp://camera.example/1", {"url": "usb:9", "enabled": False}]
    examined = subject(tree.root, settings=settings(open_path, cameras=cameras), account=ME)
    held(rights.devices(examined), FAILED, "/dev/video2 is missing")
    tree.node("/dev/video2")
    held(rights.devices(examined), FAILED, "/dev/video4 is missing")
    tree.node("/dev/video4")
    held(rights.devices(examined), OK, "/dev/nvhost-ctrl-gpu, /dev/video2, /dev/video4")


def test_no_devices(tmp_path: Path) -> None:
    held(rights.devices(subject(pc(tmp_path).root)), NOT_APPLICABLE)
