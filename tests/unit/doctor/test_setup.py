from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agent.device.account import Account, present_account
from agent.device.commands import Answer
from agent.doctor import setup
from agent.doctor.subject import Configuration, account, configuration, examine
from agent.errors import ConfigError
from tests.fakes.asking import Programs
from tests.fakes.bundles import colour_bundle
from tests.fakes.device_tree import Tree, pc
from tests.unit.doctor.subjects import FAILED, NOT_APPLICABLE, OK, WARNING, held, settings, subject


def read(folder: Path, text: str) -> Configuration:
    path = folder / "beffroi.yaml"
    path.write_text(text)
    path.chmod(0o600)
    return configuration(path, {})


def test_the_configuration(tmp_path: Path) -> None:
    root = pc(tmp_path / "pc").root
    right = read(tmp_path, "cameras: ['scene:']\nmqtt: {host: broker.example}\n")
    held(setup.configuration(subject(root, configuration=right)), OK, "beffroi.yaml is right")
    doubtful = read(tmp_path, "cameras: ['scene:']\n")
    held(
        setup.configuration(subject(root, configuration=doubtful)), WARNING, "is right, but", "nobody is told"
    )
    wrong = read(tmp_path, "cameras: 3\n")
    held(setup.configuration(subject(root, configuration=wrong)), FAILED, "beffroi.yaml:1", "beffroi check")
    missing = configuration(tmp_path / "missing.yaml", {})
    held(setup.configuration(subject(root, configuration=missing)), FAILED, "missing.yaml")


def test_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object) -> Path:
        raise ConfigError("none")

    monkeypatch.setattr("agent.doctor.subject.locate", nowhere)
    assert configuration(None, {}) == Configuration()
    held(setup.configuration(subject(pc(tmp_path).root)), NOT_APPLICABLE, "the machine alone")


def test_this_very_machine(tmp_path: Path) -> None:
    path = tmp_path / "beffroi.yaml"
    path.write_text("cameras: ['scene:']\nsite: ${TOWN}\n")
    examined = examine(path, {"TOWN": "lille"})
    assert examined.settings is not None
    assert examined.settings.site == "lille"
    assert examined.account.name


def test_the_model(tmp_path: Path) -> None:
    root = pc(tmp_path / "pc").root
    bundle = colour_bundle(tmp_path / "bundle")
    examined = subject(root, settings=settings(tmp_path, fire={"bundle": str(bundle)}))
    held(setup.model(examined), OK, "loads with onnxruntime")
    with (bundle / "model.onnx").open("ab") as file:
        file.write(b"x")
    held(setup.model(examined), FAILED, "is not the model", "beffroi models list")
    shutil.rmtree(bundle)
    held(setup.model(examined), FAILED, "there is no bundle")


def test_the_model_that_ships_without_a_configuration(tmp_path: Path) -> None:
    held(setup.model(subject(pc(tmp_path).root)), OK, "fire-lite0 (fp32) loads")


ROOT = Account("root", 0, frozenset([0]), present=True)


@pytest.mark.parametrize(
    ("answer", "name"),
    [("daemon", "daemon"), ("", "root"), ("no-such-user-here", "root"), (Answer(1, "no bus"), "root")],
)
def test_root_examines_as_the_services_user(tmp_path: Path, answer: str, name: str) -> None:
    root = pc(tmp_path).root
    programs = Programs({"systemctl show --property=User --value beffroi.service": answer})
    assert account(root, programs, ROOT).name == name


def test_who_is_not_root_examines_as_itself(tmp_path: Path) -> None:
    someone = Account("someone", 1000, frozenset([1000]), present=True)
    programs = Programs({"systemctl": "daemon"})
    assert account(pc(tmp_path / "pc").root, programs, someone) is someone
    assert account(Tree(tmp_path / "none").root, programs, ROOT) is ROOT
    assert account(Tree(tmp_path / "none").root, programs, present_account()).present
