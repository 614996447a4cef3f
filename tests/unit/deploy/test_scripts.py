"""The scripts of the installation, as far as they go without changing this machine."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import List

import pytest

DEPLOY = Path(__file__).parents[3] / "deploy"
PUBLIC = ("install.sh", "uninstall.sh", "bundle.sh")
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"

_SOURCED = '. "$1/lib/common.sh"; . "$1/lib/version.sh"; python=$2 xy=$3; check_bundle "$4"'


def run(*argv: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("script", sorted(DEPLOY.glob("**/*.sh")), ids=lambda path: path.name)
def test_it_is_a_script(script: Path) -> None:
    assert run("bash", "-n", str(script)).stderr == ""


@pytest.mark.parametrize("name", PUBLIC)
def test_help_teaches_every_option_that_is_taken(name: str) -> None:
    done = run(str(DEPLOY / name), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    text = (DEPLOY / name).read_text(encoding="utf-8")
    options = [line.split(")")[0].strip() for line in text.splitlines() if line.lstrip().startswith("--")]
    assert options
    assert [option for option in options if option not in done.stdout] == []
    assert "Exit codes:" in done.stdout


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["install.sh", "--fast"], "there is no '--fast' here"),
        (["install.sh", "--python"], "--python needs a value"),
        (["install.sh", "--prefix", "opt"], "absolute path"),
        (["install.sh", "--config", "/nowhere.yaml"], "there is no file /nowhere.yaml"),
        (["install.sh", "--offline", "/nowhere"], "there is no folder /nowhere"),
        (["uninstall.sh", "now"], "there is no 'now' here"),
        (["uninstall.sh", "--prefix", "opt"], "absolute path"),
        (["bundle.sh"], "which folder"),
        (["bundle.sh", "--arch", "riscv64", "/tmp/none"], "aarch64 or x86_64"),
        (["bundle.sh", "--python", "2.7", "/tmp/none"], "not for Python '2.7'"),
        (["bundle.sh", "--add", "/nowhere.whl", "/tmp/none"], "is no wheel"),
        (["bundle.sh", "/tmp/none", "/tmp/more"], "one folder"),
        (["bundle.sh", str(DEPLOY)], "holds something else"),
    ],
    ids=" ".join,
)
def test_a_wrong_argument_is_told(command: List[str], said: str) -> None:
    done = run(str(DEPLOY / command[0]), *command[1:])
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_only_root_may() -> None:
    done = run("bash", "-c", '. "$1/lib/common.sh"; id() { echo 1000; }; need_root', "x", str(DEPLOY))
    assert (done.returncode, "sudo" in done.stderr) == (2, True)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """One file, and the sum of it."""
    (tmp_path / "BUNDLE").write_text(f"python={VERSION}\narch={platform.machine()}\n")
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "a.whl").write_text("wheel")
    sums = run("sh", "-c", f"cd {tmp_path} && sha256sum BUNDLE wheels/a.whl").stdout
    (tmp_path / "SHA256SUMS").write_text(sums)
    return tmp_path


def check(bundle: Path) -> subprocess.CompletedProcess[str]:
    return run("bash", "-c", _SOURCED, "install.sh", str(DEPLOY), sys.executable, VERSION, str(bundle))


def test_a_whole_bundle_is_taken(bundle: Path) -> None:
    done = check(bundle)
    assert (done.returncode, done.stdout) == (0, "  the bundle is whole: 2 files\n")


def test_a_damaged_file_is_named(bundle: Path) -> None:
    (bundle / "wheels" / "a.whl").write_text("whee1")
    done = check(bundle)
    assert done.returncode == 3
    assert "wheels/a.whl: FAILED" in done.stderr
    assert "damaged" in done.stderr


def test_a_missing_file_is_named(bundle: Path) -> None:
    (bundle / "wheels" / "a.whl").unlink()
    done = check(bundle)
    assert (done.returncode, "wheels/a.whl" in done.stderr) == (3, True)


def test_a_folder_that_is_no_bundle_is_refused(bundle: Path) -> None:
    (bundle / "SHA256SUMS").unlink()
    done = check(bundle)
    assert (done.returncode, "is no bundle" in done.stderr) == (3, True)


def test_a_bundle_for_another_machine_is_refused(bundle: Path) -> None:
    (bundle / "BUNDLE").write_text("python=3.8\narch=sparc\n")
    (bundle / "SHA256SUMS").write_text(run("sh", "-c", f"cd {bundle} && sha256sum BUNDLE").stdout)
    done = check(bundle)
    assert done.returncode == 3
    assert "for Python 3.8 on sparc" in done.stderr


_PLACED = (
    '. "$1/lib/common.sh"; . "$1/lib/version.sh"; set -euo pipefail; source=$2; place_models "$3"; models'
)


def place(source: Path, bundles: Path) -> subprocess.CompletedProcess[str]:
    return run("bash", "-c", _PLACED, "install.sh", str(DEPLOY), str(source), str(bundles))


def test_a_model_of_the_bundle_goes_where_the_agent_looks(tmp_path: Path) -> None:
    model, bundles = tmp_path / "source" / "models" / "dlib-face", tmp_path / "bundles"
    model.mkdir(parents=True)
    bundles.mkdir()
    (model / "manifest.json").write_text("new")
    done = place(tmp_path / "source", bundles)
    assert (done.returncode, done.stdout) == (0, "  with the model dlib-face\nmodels\n"), done.stderr
    assert (bundles / "dlib-face" / "manifest.json").read_text() == "new"


def test_a_model_that_another_version_shares_is_not_written_to(tmp_path: Path) -> None:
    theirs, ours = tmp_path / "theirs" / "dlib-face", tmp_path / "ours" / "dlib-face"
    for folder in (theirs, ours, tmp_path / "source" / "models" / "dlib-face"):
        folder.mkdir(parents=True)
    (theirs / "manifest.json").write_text("old")
    os.link(theirs / "manifest.json", ours / "manifest.json")
    (tmp_path / "source" / "models" / "dlib-face" / "manifest.json").write_text("new")
    assert place(tmp_path / "source", ours.parent).returncode == 0
    assert ((ours / "manifest.json").read_text(), (theirs / "manifest.json").read_text()) == ("new", "old")


def test_without_a_model_none_of_another_version_stays(tmp_path: Path) -> None:
    bundles = tmp_path / "bundles"
    (bundles / "dlib-face").mkdir(parents=True)
    (bundles / "fire-lite0").mkdir()
    (tmp_path / "source").mkdir()
    assert place(tmp_path / "source", bundles).stdout == ""
    assert [path.name for path in bundles.iterdir()] == ["fire-lite0"]
