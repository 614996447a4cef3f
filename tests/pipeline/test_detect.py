"""A detector is trained, broken off and gone on with, on a handful of drawn pictures."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.inference.bundle import load_bundle
from agent.inference.manifest import CITY_LABELS
from agent.inference.onnxruntime import OnnxRuntimeSession
from tests.fakes import boxed_fires, class_folders
from tests.pipeline.verbs import verb

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'beffroi[train]'")
pytest.importorskip("pycocotools", reason="boxes are judged with pycocotools: pip install 'beffroi[verify]'")

from models.detect.bundle import noise, write_bundle  # noqa: E402  # after the skip
from models.detect.parent import load_parent  # noqa: E402
from models.nets.city import CityNano, Flames  # noqa: E402

PARENT = Path(__file__).parents[3] / "shared" / "weights" / "yolox_nano.onnx"
pytestmark = pytest.mark.skipif(not PARENT.is_file(), reason=f"{PARENT} is not here")


def trained(data: Path, out: Path, *more: object) -> subprocess.CompletedProcess[str]:
    arguments = [
        "--task",
        "detect",
        "--data",
        data,
        "--out",
        out,
        "--parent",
        PARENT,
        "--side",
        64,
        "--batch",
        4,
    ]
    return subprocess.run(
        [sys.executable, "-m", "models", "train", *map(str, [*arguments, *more])],
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen grey pictures, most with an orange square, which is fire, and a pale one, which is smoke."""
    return boxed_fires.make(tmp_path_factory.mktemp("fire"), 16)


def test_a_run_is_gone_on_with_and_leaves_a_bundle(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    first = trained(data, out, "--epochs", 2)
    assert first.returncode == 0, first.stderr
    metrics = json.loads((out / "metrics.json").read_text())
    assert [one["epoch"] for one in metrics["history"]] == [0, 1]
    assert set(metrics["history"][0]["ap50"]) == {"fire", "smoke"}
    assert metrics["parity"] <= 1e-4
    assert (out / "learning-curves.png").stat().st_size > 5000
    assert load_bundle(str(out / "bundle"), "object-detection").manifest.labels == list(CITY_LABELS)
    again = trained(data, out, "--epochs", 2)
    assert again.returncode == 0, again.stderr
    assert "going on after epoch 2" in (out / "log.txt").read_text()
    other = trained(data, out, "--epochs", 3)
    assert other.returncode == 8
    assert "other settings" in other.stderr


def everything(bundle: Path) -> np.ndarray[Any, Any]:
    """What a bundle says of two pictures of noise."""
    loaded = load_bundle(str(bundle), "object-detection")
    with closing(OnnxRuntimeSession(loaded, 1)) as session:
        return session.infer(noise(64))


def published(bundle: Path) -> np.ndarray[Any, Any]:
    """The same, of the published network: its first 18 columns."""
    return everything(bundle)[..., :18]


def test_the_published_network_learns_on_past_its_finest_map_or_is_left_as_it_is(
    data: Path, tmp_path: Path
) -> None:
    calm = class_folders.make(tmp_path / "calm", 30)
    parent = ("--negatives", calm, "--burning", "--epochs", 1)
    said = {}
    for rate in (0, 0.002):
        run = tmp_path / str(rate)
        assert trained(data, run, *parent, "--body-rate", rate).returncode == 0
        said[rate] = published(run / "bundle")
    losses = json.loads((tmp_path / "0.002" / "metrics.json").read_text())["history"][0]["loss"]
    assert {"object", "scene", "kept objects", "kept boxes", "kept labels", "kept maps"} <= set(losses)
    write_bundle(
        CityNano(load_parent(PARENT), Flames(2)),
        64,
        tmp_path / "parent",
        "0",
        {"training": {}, "metrics": {}},
    )
    before = published(tmp_path / "parent")
    parent_state = load_parent(PARENT).state_dict()
    learnt = torch.load(tmp_path / "0.002" / "checkpoint.pt", weights_only=True)["net"]
    changed = {
        name for name, one in parent_state.items() if not torch.equal(one, learnt[f"published.{name}"])
    }
    assert not any(name.startswith(("body.stem.", "body.fine.")) for name in changed)
    assert changed >= {name for name in parent_state if ".labels." in name or name.startswith("body.coarse.")}
    assert np.abs(said[0] - before).max() == 0
    assert 0 < np.abs(said[0.002] - before).mean() < 0.1


def test_a_run_begins_with_a_bundle_and_answers_as_that_did(data: Path, tmp_path: Path) -> None:
    run, on = tmp_path / "run", tmp_path / "on"
    assert trained(data, run, "--epochs", 1).returncode == 0
    still = ("--epochs", 1, "--body-rate", 0, "--head-rate", 1e-9, "--start")
    begun = trained(data, on, *still, run / "bundle")
    assert begun.returncode == 0, begun.stderr
    both = [everything(one / "bundle") for one in (run, on)]
    assert np.abs(both[0] - both[1])[..., :18].max() == 0
    assert np.abs(both[0] - both[1]).mean() < 0.01  # the norms follow other pictures
    before = json.loads((on / "config.json").read_text())["begun_from"]
    assert before["name"] == f"{load_bundle(str(run / 'bundle')).manifest.name} 0"
    for paper in ("LICENSE", "MODEL_CARD.md"):  # `export` would have written them
        (run / "bundle" / paper).write_text("of a test")
    quantised = verb("quantise", run / "bundle", "--pictures", data / "images", "--out", tmp_path / "int8")
    assert quantised.returncode == 0, quantised.stderr
    refused = trained(data, tmp_path / "no", "--epochs", 1, "--start", tmp_path / "int8")
    assert refused.returncode == 8
    assert "was quantised" in refused.stderr


def test_a_bundle_learns_nothing_but_what_whole_pictures_show(data: Path, tmp_path: Path) -> None:
    run, on = tmp_path / "run", tmp_path / "on"
    assert trained(data, run, "--epochs", 1).returncode == 0
    alone = ("--epochs", 1, "--head-rate", 0, "--start", run / "bundle")
    refused = trained(data, on, *alone)
    assert refused.returncode == 8
    assert "add --body-rate 0" in refused.stderr
    learnt = trained(data, on, *alone, "--body-rate", 0)
    assert learnt.returncode == 0, learnt.stderr
    before, after = (everything(one / "bundle") for one in (run, on))
    scores = [22, 23, 24]  # whether there is something, and fire and smoke, of the second head
    others = [column for column in range(before.shape[-1]) if column not in scores]
    assert np.abs(before - after)[..., others].max() < 1e-3
    assert np.abs(before - after)[..., scores].min() > 0


def test_a_pruned_detector_is_smaller_learns_again_and_becomes_a_bundle(data: Path, tmp_path: Path) -> None:
    run, narrow, out = tmp_path / "run", tmp_path / "narrow", tmp_path / "city"
    calm = class_folders.make(tmp_path / "calm", 30)
    assert trained(data, run, "--epochs", 1, "--negatives", calm).returncode == 0
    pruned = verb("prune", run, "--out", narrow, "--keep", 0.7)
    assert pruned.returncode == 0, pruned.stderr
    assert "are left in" in pruned.stderr
    again = trained(data, tmp_path / "again", "--epochs", 1, "--start", narrow, "--negatives", calm)
    assert again.returncode == 0, again.stderr
    exported = verb("export", tmp_path / "again", "--out", out)
    assert exported.returncode == 0, exported.stderr
    small, large = ((one / "model.onnx").stat().st_size for one in (out, run / "bundle"))
    assert small < 0.8 * large
    manifest = load_bundle(str(out), "object-detection").manifest
    assert manifest.heads == (13, 2)
    assert manifest.training["begun_from"]["name"] == "narrow"
    assert "1 epochs on from narrow (1 epochs)" in (out / "MODEL_CARD.md").read_text()
    channels = {
        len(weight)
        for name, weight in torch.load(narrow / "checkpoint.pt")["average"].items()
        if name.endswith("weight") and ".neck." in name
    }
    assert all(number % 8 == 0 for number in channels)


def test_a_detector_begins_with_no_classifier(data: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"net": "tiny"}')
    refused = trained(data, tmp_path / "run", "--start", tmp_path)
    assert refused.returncode == 8
    assert "trained no detector" in refused.stderr


def test_a_run_becomes_a_bundle_with_a_card(data: Path, tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "city"
    calm = class_folders.make(tmp_path / "calm", 30)
    assert trained(data, run, "--epochs", 1, "--negatives", calm).returncode == 0
    exported = subprocess.run(
        [sys.executable, "-m", "models", "export", run, "--out", out, "--version", "7", "--side", "96"],
        capture_output=True, text=True, check=False, timeout=110,
    )  # fmt: skip
    assert exported.returncode == 0, exported.stderr
    manifest = load_bundle(str(out), "object-detection").manifest
    assert (manifest.name, manifest.version, manifest.heads) == ("city", "7", (13, 2))
    assert (manifest.input.width, manifest.input.height) == (96, 96)
    assert manifest.metrics["parity"] <= 1e-4
    assert set(manifest.metrics["test"]["labels"]) == {"fire", "smoke"}
    assert 0 < manifest.metrics["test"]["by_picture"]["threshold"] < 1
    assert manifest.training["extra_negatives"] > 0
    assert manifest.training["boxes"]["fire"] == manifest.training["boxes"]["smoke"] > 0
    card = (out / "MODEL_CARD.md").read_text()
    assert "YOLOX-Nano for COCO by Megvii" in card
    assert "not stated" in card
    assert "Megvii" in (out / "LICENSE").read_text()


def test_a_detector_needs_its_parent(data: Path, tmp_path: Path) -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "models", "train", "--task", "detect", "--data", data, "--out", tmp_path],
        capture_output=True, text=True, check=False, timeout=110,
    )  # fmt: skip
    assert asked.returncode == 8
    assert "--parent" in asked.stderr
