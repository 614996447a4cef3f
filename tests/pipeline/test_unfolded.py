"""A bundle as the start of a run: the same answers, and batch norms that can learn."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from models.data import DataError
from tests.pipeline.verbs import TINY, verb

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'beffroi[train]'")


@pytest.fixture(scope="module")
def bundle(run: Path) -> Path:
    out = run.parent / "unfolding"
    exported = verb("export", run, "--out", out, "--half")
    assert exported.returncode == 0, exported.stderr
    return out


def test_the_shipped_network_comes_back_and_answers_as_it_is_told_to_learn() -> None:
    from models.nets import build
    from models.nets.shaped import load_shaped
    from models.nets.unfolded import settle, unfolded

    net = build("efficientnet-lite0", 3, pretrained=False)
    load_shaped(net, unfolded(net, "fire-lite0"))
    torch.manual_seed(1)
    pictures = torch.rand(8, 3, 96, 96) * 2 - 1
    with torch.no_grad():
        before = net.eval()(pictures)
        settle(net, [pictures[:4], pictures[4:]])
        after = net(pictures)
        for layer in net.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                layer.train()  # as it learns: it normalises by the batch, whose statistics it has
        learning = net(pictures)
    assert np.allclose(before, after, atol=1e-3)
    assert np.allclose(before, learning, atol=0.05 * float(before.abs().max()))


def test_a_run_starts_from_a_bundle_as_good_as_that_is(bundle: Path, data: Path, tmp_path: Path) -> None:
    order = ("train", "--data", data, *TINY, "--start", bundle, "--final-epochs", 0, "--epochs")
    begun = verb(*order, 0, "--out", tmp_path / "begun")
    assert begun.returncode == 0, begun.stderr
    manifest = json.loads((bundle / "manifest.json").read_text())
    metrics = json.loads((tmp_path / "begun" / "metrics.json").read_text())
    assert metrics["validation"]["accuracy"] == pytest.approx(
        manifest["metrics"]["validation"]["accuracy"], abs=0.1
    )
    narrow = verb("prune", tmp_path / "begun", "--out", tmp_path / "narrow")
    assert narrow.returncode == 0, narrow.stderr


def test_a_file_may_lack_the_last_of_a_networks_convolutions_where_that_is_said() -> None:
    from models.nets import build
    from models.nets.unfolded import unfolded

    net = torch.nn.Sequential(
        build("efficientnet-lite0", 3, pretrained=False),
        torch.nn.Unflatten(1, (3, 1, 1)),
        torch.nn.Conv2d(3, 3, 1),
    )
    state = unfolded(net, "fire-lite0", lacking=1)
    assert torch.equal(state["2.weight"], net[2].weight)
    assert set(state) == set(net.state_dict())
    with pytest.raises(DataError, match="name its --net"):
        unfolded(net, "fire-lite0")


def test_a_bundle_of_another_network_and_a_quantised_one_are_refused(
    bundle: Path, data: Path, tmp_path: Path
) -> None:
    from models.nets import build
    from models.nets.unfolded import unfolded

    with pytest.raises(DataError, match="name its --net"):
        unfolded(build("tiny", 3, pretrained=False), "fire-lite0")
    quantised = verb("quantise", bundle, "--pictures", data, "--out", tmp_path / "int8")
    assert quantised.returncode == 0, quantised.stderr
    with pytest.raises(DataError, match="was quantised"):
        unfolded(build("tiny", 3, pretrained=False), str(tmp_path / "int8"))
