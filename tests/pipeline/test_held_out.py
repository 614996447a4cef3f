"""Each source held out in turn: trained without it, judged on it, and taken as it is the second time."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from agent.inference.bundle import sha256_of
from models.near import manifest_rows
from models.split import contents
from tests.fakes import boxed_fires, class_folders

pytest.importorskip("torch", reason="training needs torch: pip install 'beffroi[train]'")


def of_two_sources(root: Path) -> Path:
    with (root / "manifest.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "source_repo"])
        for number, path in enumerate(sorted(root.rglob("*.png"))):
            writer.writerow([path.relative_to(root).as_posix(), ("Here", "There")[number % 2]])
    return root


def sources(root: Path) -> dict[str, str]:
    return {name: row["source_repo"] for name, row in manifest_rows(root).items()}


def test_every_source_has_a_line_and_nothing_is_trained_twice(tmp_path: Path) -> None:
    data = of_two_sources(class_folders.make(tmp_path / "colours", 46))
    boxed = of_two_sources(boxed_fires.make(tmp_path / "boxed", 24, scale=2))

    def held_out() -> dict[str, dict[str, dict[str, float]]]:
        done = subprocess.run(
            [
                sys.executable, "-m", "benchmarks.fire_held_out", str(data), "--out", str(tmp_path / "runs"),
                "--net", "tiny", "--epochs", "1", "--final-epochs", "0", "--boxed", str(boxed), "--json",
            ],
            capture_output=True, text=True, check=True, timeout=110,
        )  # fmt: skip
        answer: dict[str, dict[str, dict[str, float]]] = json.loads(done.stdout)
        return answer

    first = held_out()
    assert set(first["sources"]) == {"Here", "There"}
    assert sum(one["n"] for one in first["sources"].values()) == 3 * 46
    for source in ("Here", "There"):
        judged = contents(tmp_path / "runs" / "splits" / f"boxed-without-{source}.csv", "test")
        assert judged == {sha256_of(boxed / name) for name, its in sources(boxed).items() if its == source}
    checkpoint = tmp_path / "runs" / "runs" / "Here" / "checkpoint.pt"
    written = checkpoint.stat().st_mtime_ns
    assert held_out() == first
    assert checkpoint.stat().st_mtime_ns == written
