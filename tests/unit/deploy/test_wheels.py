"""Which wheels another machine needs; a real pip fetches them, from a folder."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Sequence

import pytest

from deploy.wheels import WheelsError, fetch, main, needs, pins, platforms, target


def wheel(
    folder: Path, name: str, requires: Sequence[str] = (), version: str = "1.0", tag: str = "any"
) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-{tag}.whl"
    info = f"{name}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {one}" for one in requires]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{info}/METADATA", "\n".join([*lines, ""]))
        archive.writestr(
            f"{info}/WHEEL",
            f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-{tag}\n",
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where pip finds anything."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name, value in (("NO_INDEX", "1"), ("FIND_LINKS", str(folder)), ("CONFIG_FILE", "/dev/null")):
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.delenv("PIP_CONSTRAINT", raising=False)
    return folder


@pytest.fixture
def constraints(tmp_path: Path) -> Path:
    path = tmp_path / "constraints.txt"
    path.write_text("# pinned\ninner-part==1.0\n")
    return path


def test_a_device_takes_wheels_up_to_its_own_glibc() -> None:
    tags = platforms("3.8", "aarch64")
    assert tags[0] == "manylinux_2_31_aarch64"
    assert tags[-2:] == ["manylinux2014_aarch64", "linux_aarch64"]
    assert "manylinux_2_28_aarch64" in tags


def test_requirements_are_read_for_the_device_not_for_this_machine(tmp_path: Path) -> None:
    path = wheel(
        tmp_path,
        "outer",
        [
            "inner[fast]",
            "old; python_version < '3.9'",
            "pc; platform_machine == 'x86_64'",
            "more; extra == 'demo'",
        ],
    )
    environment = target("3.8", "aarch64")
    assert list(needs(path, "", environment)) == [("inner", ""), ("inner", "fast"), ("old", "")]
    assert ("more", "") in list(needs(path, "demo", environment))
    assert pins("# a\nA_b==1\nc>=2\n") == {"a-b": "1"}


def test_everything_is_fetched_as_it_is_pinned(tmp_path: Path, index: Path, constraints: Path) -> None:
    wheel(index, "inner_part", ["deepest", "inner-part"], "1.0")
    wheel(index, "inner_part", [], "2.0")
    wheel(index, "deepest", tag="manylinux2014_aarch64")
    wheel(index, "asked")
    wheel(tmp_path / "ours", "beffroi", ["inner-part"])
    fetched = fetch(tmp_path / "ours", "3.8", "aarch64", constraints, ["asked"])
    assert fetched == ["asked", "deepest", "inner-part"]
    assert (tmp_path / "ours" / "inner_part-1.0-py3-none-any.whl").is_file()


def test_what_no_index_has_is_told(
    tmp_path: Path, index: Path, constraints: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel(index, "deepest", tag="manylinux2014_x86_64")
    wheel(tmp_path / "ours", "beffroi", ["deepest"])
    with pytest.raises(WheelsError, match=r"cannot fetch deepest for Python 3\.8 on aarch64"):
        fetch(tmp_path / "ours", "3.8", "aarch64", constraints)
    arguments = ["--python", "3.8", "--constraints", str(constraints), str(tmp_path / "ours")]
    assert main([*arguments, "--arch", "aarch64"]) == 1
    assert "is there a network" in capsys.readouterr().err
    assert main([*arguments, "--arch", "x86_64"]) == 0
    assert capsys.readouterr().out == "1 wheels fetched\n"
