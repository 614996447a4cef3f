"""A classifier learns from small fires pasted into calm pictures."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from agent.inference.manifest import FIRE_LABELS
from tests.fakes import boxed_fires
from tests.pipeline.verbs import TINY, verb

pytest.importorskip("torch", reason="training needs torch: pip install 'beffroi[train]'")

from models.pasting import Paster  # after the skip
from models.variants import Variants, WithPasted


def test_a_run_learns_from_small_fires_and_says_so(run: Path, data: Path, tmp_path: Path) -> None:
    boxed, out = boxed_fires.make(tmp_path / "boxed", 16, scale=2), tmp_path / "run"
    order = ["train", "--data", data, *TINY, "--epochs", 1, "--final-epochs", 0, "--start", run, "--out", out]
    done = verb(*order, "--boxed", boxed, "--pasted", 0.5, "--boxed-whole")
    assert done.returncode == 0, done.stderr
    log = (out / "log.txt").read_text()
    assert "cuts of fire" in log
    assert number(log, "boxed pictures to learn from as they are") == 11
    before = (run / "log.txt").read_text()
    assert number(log, "pictures to train on") == 11 + number(before, "pictures to train on")
    config = json.loads((out / "config.json").read_text())
    assert (config["boxed"], config["pasted"]) == (str(boxed), 0.5)
    other = verb(*order, "--boxed", boxed)
    assert other.returncode == 8
    assert "other settings" in other.stderr
    exported = verb("export", out, "--out", tmp_path / "small")
    assert exported.returncode == 0, exported.stderr
    card = " ".join((tmp_path / "small" / "MODEL_CARD.md").read_text().split())
    assert "1 epochs, begun from `tiny`." in card
    assert "50% of what it learnt were pictures without fire with flames" in card
    assert "were learnt as they are, too" in card


def number(log: str, of: str) -> int:
    found = re.search(rf"(\d+) {of}", log)
    assert found, log
    return int(found.group(1))


def test_what_is_learnt_as_it_is_must_be_named(data: Path, tmp_path: Path) -> None:
    done = verb("train", "--data", data, *TINY, "--boxed-whole", "--out", tmp_path / "run")
    assert done.returncode == 8
    assert "--boxed-whole: name the pictures by --boxed" in done.stderr


def test_pasting_and_teaching_do_not_go_together(data: Path, tmp_path: Path) -> None:
    done = verb("train", "--data", data, *TINY, "--boxed", data, "--teacher", "x", "--out", tmp_path / "run")
    assert done.returncode == 8
    assert "leave one of them out" in done.stderr


def test_so_many_variants_give_way_and_all_others_are_as_they_were() -> None:
    pictures = np.full((20, 48, 48, 3), 60, np.uint8)
    truth = np.full(20, FIRE_LABELS.index("no-fire"))
    flames = [np.full((30, 30, 3), boxed_fires.FLAMES, np.uint8)]
    plain = Variants(pictures, truth, list(range(20)) * 20, 32, 3)
    mixed = WithPasted(plain, Paster(pictures, {"fire": flames, "smoke": []}), 0.4)
    same = [bool((mixed[at][0] == plain[at][0]).all()) for at in range(len(mixed))]
    assert 0.5 < np.mean(same) < 0.7
    assert {mixed[at][1] for at, kept in enumerate(same) if kept} == {FIRE_LABELS.index("no-fire")}
    assert {mixed[at][1] for at in range(len(mixed))} == {0, 1, 2}
    assert len(mixed) == len(plain)
