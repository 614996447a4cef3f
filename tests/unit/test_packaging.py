"""The distribution: what the wheel holds, who owns its names, what the constraints pin."""

from __future__ import annotations

import configparser
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Dict, Iterator, List, Set

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("agent", "alerts", "deploy", "models")
CONSTRAINTS = sorted((ROOT / "constraints").glob("3.*.txt"))
# Training pulls gigabytes of CUDA on other Pythons, so it is locked on one.
TRAINS_ON = "3.11"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=60,
    )
    (path,) = folder.glob("beffroi-*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def _pins(path: Path) -> Dict[str, str]:
    lines = (line for line in path.read_text().splitlines() if line and not line.startswith("#"))
    pins = dict(line.split("==") for line in lines)
    return {canonicalize_name(name): version for name, version in pins.items()}


def _requirements(python: str) -> List[Requirement]:
    extras = ["", "demo", "test", "lint"] + (["train"] if python == TRAINS_ON else [])
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    found = [Requirement(text) for text in metadata.requires("beffroi") or []]
    return [
        requirement
        for requirement in found
        if requirement.marker is None
        or any(requirement.marker.evaluate({**environment, "extra": extra}) for extra in extras)
    ]


def test_the_wheel_owns_its_four_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_the_wheel_holds_every_file_of_its_packages(wheel: zipfile.ZipFile) -> None:
    ours = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert ours - set(wheel.namelist()) == set()


@pytest.mark.parametrize(
    "pattern",
    ["agent/store/migrations/versions/*.py", "alerts/city/schemas/*.json", "models/bundles/*/manifest.json"],
)
def test_the_wheel_holds_the_data_that_the_daemon_reads(wheel: zipfile.ZipFile, pattern: str) -> None:
    assert any(Path(name).match(pattern) for name in wheel.namelist())


def test_no_other_distribution_owns_our_names() -> None:
    intruders: Set[str] = set()
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        tops = {Path(file.parts[0]).stem for file in distribution.files or []}
        if name != "beffroi" and tops & set(PACKAGES):
            intruders.add(name)
    assert intruders == set()


@pytest.mark.parametrize("path", CONSTRAINTS, ids=lambda path: path.stem)
def test_the_constraints_satisfy_every_requirement(path: Path) -> None:
    pins = _pins(path)
    requirements = _requirements(path.stem)
    assert requirements
    for requirement in requirements:
        pinned = pins.get(canonicalize_name(requirement.name))
        assert pinned is not None, f"{requirement} is not pinned in {path.name}: run `make lock`"
        assert requirement.specifier.contains(pinned, prereleases=True), f"{requirement} against {pinned}"


def _runtime() -> Set[str]:
    """What a device or the demonstration gets on this Python, by name."""
    installed: Dict[str, metadata.Distribution] = {
        canonicalize_name(one.metadata["Name"]): one for one in metadata.distributions()
    }
    found: Set[str] = set()
    waiting = [("beffroi", ""), ("beffroi", "demo")]
    while waiting:
        name, extra = waiting.pop()
        for text in installed[name].requires or []:
            one = Requirement(text)
            if one.marker is None or one.marker.evaluate({"extra": extra}):
                child = canonicalize_name(one.name)
                if child not in found:
                    waiting.extend((child, extra) for extra in ["", *one.extras])
                found.add(child)
    return found


def test_the_licences_of_all_that_a_device_gets_are_listed() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    lines = [line.strip("|") for line in text.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    listed = {row[0].replace(" (demo)", ""): row for row in rows if len(row) == 5 and row[0] != "package"}
    for column, python in enumerate(("3.8", "3.12"), start=1):
        if python == "{}.{}".format(*sys.version_info):
            assert _runtime() - set(listed) == set()
        pins = _pins(ROOT / "constraints" / f"{python}.txt")
        told = {name: row[column] for name, row in listed.items() if row[column][:1].isdigit()}
        assert {name: pins.get(name) for name in told} == told


def test_there_are_constraints_for_every_python_that_the_classifiers_name() -> None:
    classifiers = metadata.metadata("beffroi").get_all("Classifier") or []
    named = {
        text.rsplit(" ", 1)[1]
        for text in classifiers
        if text.startswith("Programming Language :: Python :: 3.")
    }
    assert named == {path.stem for path in CONSTRAINTS}


def test_every_part_of_the_agent_has_a_layer() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    declared = contracts["importlinter:contract:layers"]["layers"].replace("|", " ").replace(":", " ")
    layers = {name.strip("()") for name in declared.split()}
    parts = {
        f"agent.{path.stem}"
        for path in (ROOT / "agent").iterdir()
        if path.name != "__init__.py" and (path.suffix == ".py" or (path / "__init__.py").exists())
    }
    assert parts <= layers
    assert {"alerts", "deploy", "models"} <= layers
