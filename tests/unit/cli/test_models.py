from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

import pytest
from typer.testing import CliRunner

import agent.cli.models as module
from tests.fakes.bundles import colour_bundle, colour_network, manifest, write_bundle

ACCURATE: Dict[str, Any] = {"test": {"accuracy": 0.912}}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> List[Path]:
    """Two bundles that ship, so long as the test lasts."""
    folders = [
        write_bundle(tmp_path / "colours", colour_network(), manifest(metrics=ACCURATE)),
        colour_bundle(tmp_path / "unmeasured"),
    ]
    monkeypatch.setattr(module, "shipped", lambda: folders)
    monkeypatch.setenv("COLUMNS", "200")
    return folders


def test_a_table_says_what_each_is_and_how_good(installed: List[Path]) -> None:
    result = CliRunner().invoke(module.app, ["list"])
    assert result.exit_code == 0
    for word in ("colours", "fire-classification", "fp32", "32x32", "91.2%", "not measured"):
        assert word in result.stdout


def test_json_says_all_of_it(installed: List[Path]) -> None:
    result = CliRunner().invoke(module.app, ["list", "--json"])
    first, second = json.loads(result.stdout)
    assert result.exit_code == 0
    assert first["bytes"] == (installed[0] / "model.onnx").stat().st_size
    assert first["size"] == [32, 32]
    assert first["thresholds"]["open_above"] == 0.6
    assert (first["accuracy"], second["accuracy"]) == (0.912, None)
    assert first["error"] is None


@pytest.mark.parametrize("arguments", [["list"], ["list", "--json"]])
def test_a_damaged_bundle_is_shown_and_is_an_error(installed: List[Path], arguments: List[str]) -> None:
    (installed[0] / "model.onnx").write_bytes(b"damaged")
    result = CliRunner().invoke(module.app, arguments)
    assert result.exit_code == 3
    assert "is not the model that manifest.json" in " ".join(result.stdout.split())
    assert "not measured" in result.stdout or '"accuracy": null' in result.stdout


def test_no_bundles_are_said_to_be_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "shipped", list)
    result = CliRunner().invoke(module.app, ["list"])
    assert result.exit_code == 0
    assert result.stdout.startswith("no bundles are installed")
