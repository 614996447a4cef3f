from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.device.root import Root, whole


def test_paths_are_below_the_folder(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/name").write_text("tower\n")
    root = Root(tmp_path)
    assert root.exists("/etc/name")
    assert not root.exists("/etc/passwd")
    assert root.word("/etc/name") == "tower"


def test_what_cannot_be_read_is_none(tmp_path: Path) -> None:
    root = Root(tmp_path)
    os.mkfifo(str(tmp_path / "pipe"))
    for path in ("/missing", "/", "/pipe", "/" + "x" * 300):
        assert root.text(path) is None
        assert root.number(path) is None
        assert list(root.lines(path)) == []
    assert not root.exists("/" + "x" * 300)
    assert not Root(Path("/proc/self/mem")).exists("/x")


def test_an_endless_file_is_cut() -> None:
    root = Root(Path("/"))
    assert root.text("/dev/zero") is None
    assert len(root.text("/proc/kallsyms") or "") <= 64 * 1024


def test_a_long_file_is_cut(tmp_path: Path) -> None:
    (tmp_path / "long").write_text("x" * 100_000)
    root = Root(tmp_path)
    assert len(root.text("/long") or "") == 64 * 1024
    assert len(root.word("/long") or "") == 200
    assert [len(line) for line in root.lines("/long")] == [65_536, 34_464]


def test_only_what_can_be_printed_is_shown(tmp_path: Path) -> None:
    (tmp_path / "junk").write_bytes(b"NVIDIA\x00\x1b[31m\xff\xfe board\x00\n")
    word = Root(tmp_path).word("/junk") or ""
    assert word.startswith("NVIDIA[31m")
    assert word.isprintable()


def test_the_order_counts_numbers(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        (tmp_path / f"zone{number}").mkdir()
    assert Root(tmp_path).find("/zone[0-9]*") == ["/zone1", "/zone2", "/zone10"]
    assert Root(tmp_path / "missing").find("/zone*") == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        (" -3 ", -3),
        ("0x0B", 11),
        ("", None),
        (None, None),
        ("1.5", None),
        ("0xZZ", None),
        ("9" * 30, None),
    ],
)
def test_whole_numbers(text: str, number: int) -> None:
    assert whole(text) == number
