"""`beffroi engines`, with and without TensorRT."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, List

import pytest
from typer.testing import Result

import agent.cli.engines as module
from agent.engines.machine import find_toolkit
from agent.engines.order import Order, key_of
from agent.engines.progress import Progress
from agent.engines.shelf import Shelf
from agent.engines.workshop import Workshop
from agent.errors import EngineError
from agent.inference.bundle import Bundle, load_bundle
from tests.fakes.bundles import colour_bundle, face_embedder
from tests.fakes.cli import runner
from tests.fakes.object_bundles import object_bundle
from tests.fakes.tensorrt import Fake, fake_tensorrt
from tests.unit.engines.shapes import AT, GOOD, KEY, key


class Shop(Workshop):
    """Where an engine is ready at once, or `fails`."""

    fails = False
    orders: List[Order]

    def build(self, order: Order, stop: threading.Event, progress: Progress = lambda *_: None) -> None:
        self.orders.append(order)
        for stage, share in (("reading the model", None), ("building", 0.5), ("building", 0.7)):
            progress(stage, share)
        if self.fails:
            raise EngineError("no memory: close other programs")
        bundle = load_bundle(str(order.bundle))
        made = key_of(bundle, order.recipe, find_toolkit())
        Shelf(order.data).put(made, b"plan", GOOD, AT, 61.0, ["so-so"])


class Bench:
    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bundle: Bundle = load_bundle(str(colour_bundle(folder / "bundle")))
        self.data = folder / "data"
        self.config = folder / "beffroi.yaml"
        self.config.write_text(
            f"cameras: ['scene:']\nfire: {{bundle: {folder / 'bundle'}}}\nstore: {{folder: {self.data}}}\n"
        )
        self.shop = Shop.__new__(Shop)
        self.shop.orders = []
        monkeypatch.setattr(module, "Workshop", lambda clock: self.shop)
        monkeypatch.setenv("COLUMNS", "250")

    def run(self, *arguments: str) -> Result:
        return runner().invoke(module.app, list(arguments))

    def build(self, *more: str) -> Result:
        return self.run("build", "--config", str(self.config), *more)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


@pytest.fixture
def fake() -> Any:
    with fake_tensorrt("10.3") as installed:
        yield installed


def test_build_tells_its_stages_and_what_came_of_it(bench: Bench, fake: Fake) -> None:
    result = bench.build()
    assert result.exit_code == 0
    assert result.stderr.splitlines() == ["reading the model", "building"]
    assert "colours-fp16-" in result.stdout
    assert result.stdout.splitlines()[1] == "Note: so-so."


def test_what_is_there_is_not_built_again_unless_asked(bench: Bench, fake: Fake) -> None:
    bench.build()
    assert "is there already" in bench.build().stdout
    assert json.loads(bench.build("--json").stdout)["built"] is False
    again = json.loads(bench.build("--json", "--anew").stdout)
    assert (again["built"], again["precision"], again["present"]) == (True, "fp16", True)
    assert [order.anew for order in bench.shop.orders] == [False, True]


def test_a_build_that_fails_is_an_error_and_listed(bench: Bench, fake: Fake) -> None:
    bench.shop.fails = True
    result = bench.build()
    assert isinstance(result.exception, EngineError)
    assert result.exception.exit_code == 8
    listed = bench.run("list", "--config", str(bench.config))
    assert "no engines in" in listed.stdout
    assert "no memory: close other programs" in listed.stdout


def test_an_engine_that_vanished_is_an_error(
    bench: Bench, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Shelf, "get", lambda self, key: None)
    assert "is the disk healthy?" in str(bench.build().exception)


def test_without_tensorrt_build_says_what_to_do(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    error = bench.build().exception
    assert isinstance(error, EngineError)
    assert "--system-site-packages" in str(error)


def test_and_list_works(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    Shelf(bench.data).put(KEY, b"plan", GOOD, AT, 61.0)
    result = bench.run("list", "--config", str(bench.config))
    assert result.exit_code == 0
    for word in ("colours-fp32-", "8.5.2.2", "Xavier (7.2)", "2026-01-01 12:00", "0.0010", "not known here"):
        assert word in result.stdout
    (row,) = json.loads(bench.run("list", "--folder", str(bench.data), "--json").stdout)["engines"]
    assert (row["name"], row["present"], row["batches"]) == (KEY.name, None, [1, 4, 4])


def test_the_present_one_is_marked(bench: Bench, fake: Fake) -> None:
    bench.build()
    Shelf(bench.data).put(KEY, b"plan", GOOD, AT, 61.0)
    rows = json.loads(bench.run("list", "--config", str(bench.config), "--json").stdout)["engines"]
    assert {row["name"].rsplit("-", 1)[0]: row["present"] for row in rows} == {
        "colours-fp16": True,
        "colours-fp32": False,
    }


@pytest.mark.parametrize("as_json", [True, False])
def test_prune_keeps_two(bench: Bench, as_json: bool) -> None:
    shelf = Shelf(bench.data)
    for workspace in (64, 128, 256):
        shelf.put(key(recipe=replace(KEY.recipe, workspace_mb=workspace)), b"plan", GOOD, AT, 61.0)
    result = bench.run("prune", "--folder", str(bench.data), *(["--json"] if as_json else []))
    assert result.exit_code == 0
    if as_json:
        assert len(json.loads(result.stdout)["removed"]) == 1
    else:
        assert result.stdout.splitlines()[-1] == "1 deleted, 2 kept."
    assert len(shelf.records()) == 2


def test_prune_spares_the_present_one_however_old(bench: Bench, fake: Fake) -> None:
    bench.build()
    present = Shelf(bench.data).records()[0].key
    for workspace in (64, 128):
        Shelf(bench.data).put(
            key(recipe=KEY.recipe, bundle="colours", tensor=str(workspace)), b"p", GOOD, AT, 1
        )
    bench.run("prune", "--config", str(bench.config))
    assert present in [kept.key for kept in Shelf(bench.data).records()]


def with_faces(bench: Bench, **faces: str) -> None:
    face_embedder(bench.data / "models" / "dlib-face")
    bench.config.write_text(
        f"cameras: [{{id: gate, url: 'scene:', faces: {{policy: watch}}}}]\n"
        f"fire: {{bundle: {bench.bundle.folder}}}\nstore: {{folder: {bench.data}}}\n"
        f"faces: {json.dumps({'key': 'A' * 43, **faces})}\n"
    )


def test_engines_of_faces_follow_that_of_fire(bench: Bench, fake: Fake) -> None:
    with_faces(bench)
    told = json.loads(bench.build("--json").stdout)
    assert told["bundle"] == "colours"
    assert [(row["bundle"], row["built"], row["present"]) for row in told["faces"]] == [
        ("yunet", True, True),
        ("embeddings", True, True),
    ]
    assert [order.bundle.name for order in bench.shop.orders] == ["bundle", "yunet", "dlib-face"]
    rows = json.loads(bench.run("list", "--config", str(bench.config), "--json").stdout)["engines"]
    assert {row["bundle"]: row["present"] for row in rows} == dict.fromkeys(
        ("colours", "yunet", "embeddings"), True
    )


def with_objects(bench: Bench, section: str, **objects: str) -> None:
    bench.config.write_text(
        f"cameras: [{{id: gate, url: 'scene:', objects: {section}}}]\n"
        f"fire: {{bundle: {bench.bundle.folder}}}\nstore: {{folder: {bench.data}}}\n"
        f"objects: {json.dumps({'bundle': 'squares', **objects})}\n"
    )


CROWD = "{rules: [{name: crowd, when: count, above: 3}]}"


def test_the_engine_of_objects_follows_where_a_camera_has_rules(bench: Bench, fake: Fake) -> None:
    object_bundle(bench.data / "models" / "squares")
    with_objects(bench, CROWD)
    told = json.loads(bench.build("--json").stdout)
    assert [(row["bundle"], row["built"], row["present"]) for row in told["objects"]] == [
        ("squares", True, True)
    ]
    assert told["faces"] == []
    rows = json.loads(bench.run("list", "--config", str(bench.config), "--json").stdout)["engines"]
    assert {row["bundle"]: row["present"] for row in rows} == {"colours": True, "squares": True}


def test_it_follows_where_it_boxes_flames_beside_the_classifier(bench: Bench, fake: Fake) -> None:
    weights = {"bias": 0.0, "judged": 1.0, "flames": 1.0, "smoke": 0.0}
    fusion = {"classifier": "colours", "danger": weights, "fire": weights, "chosen": {}}
    folder = bench.data / "models" / "squares"
    for sha256, built in ((bench.bundle.manifest.sha256, ["squares"]), ("0" * 64, [])):
        section = {**fusion, "classifier_sha256": sha256}
        object_bundle(folder, labels=["person", "fire", "smoke"], fusion=section)
        with_objects(bench, "{}")
        assert [row["bundle"] for row in json.loads(bench.build("--json").stdout)["objects"]] == built


def test_without_rules_or_with_onnx_runtime_objects_need_no_engine(bench: Bench, fake: Fake) -> None:
    with_objects(bench, "{}")
    assert json.loads(bench.build("--json").stdout)["objects"] == []
    object_bundle(bench.data / "models" / "squares")
    assert json.loads(bench.build("--json").stdout)["objects"] == []
    with_objects(bench, CROWD, backend="onnxruntime")
    assert json.loads(bench.build("--json").stdout)["objects"] == []


def test_faces_that_onnx_runtime_looks_for_need_no_engine(bench: Bench, fake: Fake) -> None:
    with_faces(bench, backend="onnxruntime")
    assert json.loads(bench.build("--json").stdout)["faces"] == []
