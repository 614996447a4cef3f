"""Each source held out in turn: trained without it, judged on it, and taken as it is the second time."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes import class_folders

pytest.importorskip("torch", reason="training needs torch: pip install 'beffroi[train]'")


def test_every_source_has_a_line_and_nothing_is_trained_twice(tmp_path: Path) -> None:
    data = class_folders.make(tmp_path / "colours", 46)
    with (data / "manifest.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "source_repo"])
        for number, path in enumerate(sorted(data.rglob("*.png"))):
            writer.writerow([path.relative_to(data).as_posix(), ("Here", "There")[number % 2]])

    def held_out() -> dict[str, dict[str, dict[str, float]]]:
        done = subprocess.run(
            [
                sys.executable, "-m", "benchmarks.fire_held_out", str(data), "--out", str(tmp_path / "runs"),
                "--net", "tiny", "--epochs", "1", "--final-epochs", "0", "--json",
            ],
            capture_output=True, text=True, check=True, timeout=110,
        )  # fmt: skip
        answer: dict[str, dict[str, dict[str, float]]] = json.loads(done.stdout)
        return answer

    first = held_out()
    assert set(first["sources"]) == {"Here", "There"}
    assert sum(one["n"] for one in first["sources"].values()) == 3 * 46
    checkpoint = tmp_path / "runs" / "runs" / "Here" / "checkpoint.pt"
    written = checkpoint.stat().st_mtime_ns
    assert held_out() == first
    assert checkpoint.stat().st_mtime_ns == written
