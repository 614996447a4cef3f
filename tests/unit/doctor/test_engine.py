from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict

import pytest

from agent.device.commands import Answer
from agent.doctor.engine import engine
from agent.doctor.subject import Subject
from agent.engines.key import EngineKey, Machine
from agent.engines.machine import NoToolkitError, Toolkit
from agent.engines.order import key_of, recipe
from agent.engines.shelf import Shelf
from agent.errors import EngineError
from agent.inference.bundle import load_bundle
from tests.fakes.bundles import colour_bundle
from tests.fakes.device_tree import xavier_nx
from tests.unit.doctor.subjects import FAILED, NOT_APPLICABLE, OK, WARNING, held, settings, subject
from tests.unit.engines.shapes import AT, GOOD, XAVIER

TRT: Any = SimpleNamespace(__version__="8.5.2.2", BuilderFlag=SimpleNamespace(FP16=1, INT8=2))
MODULES: Any = SimpleNamespace(trt=TRT)
TOOLKIT = Toolkit(MODULES, XAVIER)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return colour_bundle(tmp_path / "bundle")


def examined(tmp_path: Path, fire: Dict[str, Any], **sections: Any) -> Subject:
    given = settings(tmp_path / "data", fire=fire, **sections)
    return subject(xavier_nx(tmp_path / "nx").root, {"python tensorrt": "version 8.5.2.2"}, settings=given)


def wanted(case: Subject) -> EngineKey:
    assert case.settings is not None
    bundle = load_bundle(case.settings.fire.bundle)
    return key_of(bundle, recipe(case.settings, bundle), TOOLKIT)


def test_an_engine_that_is_fresh_old_or_missing(tmp_path: Path, bundle: Path) -> None:
    case = examined(tmp_path, {"bundle": str(bundle)})
    shelf, key = Shelf(tmp_path / "data"), wanted(case)
    held(engine(case, lambda: TOOLKIT), WARNING, "no engine of the model yet", "beffroi engines build")
    shelf.put(replace(key, machine=Machine("8.4.1", "Xavier", "7.2")), b"old", GOOD, AT, 1.0)
    held(engine(case, lambda: TOOLKIT), WARNING, "built for TensorRT 8.4.1 on Xavier; here are 8.5.2.2")
    shelf.put(replace(key, precision="int8"), b"other", GOOD, AT.replace(year=2027), 1.0)
    held(engine(case, lambda: TOOLKIT), WARNING, "built otherwise (int8)")
    shelf.note_failure(key, "out of memory", AT)
    held(engine(case, lambda: TOOLKIT), WARNING, "could not be built on 2026-01-01: out of memory")
    shelf.put(key, b"plan", GOOD, AT, 1.0)
    held(engine(case, lambda: TOOLKIT), OK, "for TensorRT 8.5.2.2, built 2026-01-01")


def test_a_recipe_that_cannot_be(tmp_path: Path, bundle: Path) -> None:
    case = examined(tmp_path, {"bundle": str(bundle)}, tensorrt={"precision": "int8"})
    held(engine(case, lambda: TOOLKIT), FAILED, "section tensorrt")


def test_a_gpu_that_does_not_answer(tmp_path: Path, bundle: Path) -> None:
    def find() -> Toolkit:
        raise EngineError("no GPU answers")

    held(engine(examined(tmp_path, {"bundle": str(bundle)}), find), FAILED, "no GPU answers", "devices")


def test_without_tensorrt_no_engine_is_needed(tmp_path: Path, bundle: Path) -> None:
    def find() -> Toolkit:
        raise NoToolkitError("PyCUDA cannot be imported")

    case = examined(tmp_path, {"bundle": str(bundle)})
    held(engine(case, find), NOT_APPLICABLE, "TensorRT is not installed")
    nothing = replace(case, ask=lambda command: Answer(1, "ModuleNotFoundError"))
    held(engine(nothing, lambda: TOOLKIT), NOT_APPLICABLE, "TensorRT is not installed")
    forced = settings(tmp_path, fire={"bundle": str(bundle), "backend": "tensorrt"})
    held(engine(subject(case.root, settings=forced), find), FAILED, "fire.backend is tensorrt")


def test_where_it_is_not_asked_for(tmp_path: Path) -> None:
    held(engine(subject(xavier_nx(tmp_path).root)), NOT_APPLICABLE, "no configuration")
    case = examined(tmp_path / "b", {"backend": "onnxruntime"})
    held(engine(case), NOT_APPLICABLE, "needs no engine")
