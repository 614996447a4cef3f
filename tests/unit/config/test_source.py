from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.config.problems import InvalidConfigError
from agent.config.source import read


def refusal(path: Path) -> str:
    with pytest.raises(InvalidConfigError) as caught:
        read(path)
    return str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "no.yaml"
    assert refusal(path).startswith(f"{path}:1:1: there is no such file. Write one")


def test_a_folder(tmp_path: Path) -> None:
    assert "is a folder. Give the path of the file in it" in refusal(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.touch(mode=0)
    assert "may not be read by this user" in refusal(path)


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "file.yaml/below"])
def test_a_path_that_the_system_refuses(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.yaml").touch()
    assert "cannot be read (" in refusal(tmp_path / name)


def test_a_file_that_is_far_too_big(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    assert "is larger than 256 KiB" in refusal(path)
    assert "is larger than 256 KiB" in refusal(Path("/dev/zero"))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"site: x\nsite: \xe9t\xe9\n", "2:7: is not UTF-8 (byte 0xe9). Save the file as UTF-8"),
        ("site: x\n".encode("utf-16"), "1:1: is not UTF-8 (byte 0xff)"),
        ("\u00e9 \u00e9\x07".encode(), "1:4: has the character U+0007. Delete it"),
        (b"a: b\n\x00", "2:1: has the character U+0000. Delete it"),
    ],
)
def test_bytes_that_are_no_text(tmp_path: Path, data: bytes, expected: str) -> None:
    path = tmp_path / "bytes.yaml"
    path.write_bytes(data)
    assert refusal(path).startswith(f"{path}:{expected}")
