"""From order to shelf, on each version."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import List, Optional

import pytest

from agent.engines.machine import find_toolkit
from agent.engines.make import OpenPlan, make
from agent.engines.order import Order, key_of, order
from agent.engines.record import Record
from agent.engines.shelf import Shelf
from agent.errors import EngineError, InferenceError
from agent.inference.backend import Session
from agent.inference.bundle import Bundle
from agent.inference.engines import Engine
from agent.inference.onnxruntime import OnnxRuntimeSession
from tests.fakes.clock import FakeClock
from tests.fakes.tensorrt import Fake, fake_tensorrt
from tests.unit.engines.ordering import Bent, calibration, same, settings
from tests.unit.engines.test_build import opened


class Smith:
    """Makes what is ordered, and remembers what it was told on the way."""

    def __init__(self) -> None:
        self.stages: List[str] = []

    def make(self, wanted: Order, open_plan: OpenPlan = same) -> Record:
        def progress(stage: str, share: Optional[float]) -> None:
            if stage not in self.stages:
                self.stages.append(stage)

        return make(wanted, find_toolkit(), open_plan, FakeClock(), progress)


def test_an_engine_is_built_proven_and_kept(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    smith, wanted = Smith(), order(settings(tmp_path, bundle))
    kept = smith.make(wanted)
    assert smith.stages == ["reading the model", "building", "comparing with ONNX Runtime"]
    stored = Shelf(tmp_path).get(key_of(bundle, wanted.recipe, find_toolkit()))
    assert stored is not None
    assert stored.record == kept
    assert opened(stored.plan).onnx == bundle.model.read_bytes()
    assert kept.parity.pictures == 12
    assert kept.notes == ()
    fake.assert_clean()


def test_one_that_is_there_is_not_built_again(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    wanted = order(settings(tmp_path, bundle))
    first = Smith().make(wanted)
    smith = Smith()
    assert smith.make(wanted) == first
    assert smith.stages == []
    smith.make(replace(wanted, anew=True))
    assert "building" in smith.stages


def test_what_was_measured_serves_the_next_build(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    Smith().make(order(settings(tmp_path, bundle)))
    machine = find_toolkit().machine
    assert Shelf(tmp_path).timing_cache(machine).startswith(b"timing ")
    Smith().make(order(settings(tmp_path, bundle, workspace_mb=64)))
    assert len(Shelf(tmp_path).records()) == 2


def test_a_version_that_measures_nothing_is_as_good(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    fake.gate.fail("IBuilderConfig.get_timing_cache", returns=None)
    Smith().make(order(settings(tmp_path, bundle)))
    assert Shelf(tmp_path).timing_cache(find_toolkit().machine) == b""


def test_one_that_sees_otherwise_is_not_kept_and_the_old_one_stays(
    fake: Fake, tmp_path: Path, bundle: Bundle
) -> None:
    old = Smith().make(order(settings(tmp_path, bundle)))
    bent: List[Bent] = []

    def open_bent(given: Bundle, engine: Engine) -> Session:
        bent.append(Bent(OnnxRuntimeSession(given), 30.0))
        return bent[-1]

    with pytest.raises(EngineError, match="does not see what ONNX Runtime sees"):
        Smith().make(order(settings(tmp_path, bundle, workspace_mb=64)), open_bent)
    assert Shelf(tmp_path).records() == [old]
    assert bent[0].closed


def test_nor_is_one_that_cannot_run(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    def open_none(given: Bundle, engine: Engine) -> Session:
        raise InferenceError("TensorRT refuses the engine")

    with pytest.raises(InferenceError):
        Smith().make(order(settings(tmp_path, bundle)), open_none)
    assert Shelf(tmp_path).records() == []


def test_the_session_is_given_the_precision_that_came_out(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    engines: List[Engine] = []

    def open_noted(given: Bundle, engine: Engine) -> Session:
        engines.append(engine)
        return same(given, engine)

    kept = Smith().make(order(settings(tmp_path, bundle, precision="fp16")), open_noted)
    typed = not hasattr(fake.trt.BuilderFlag, "FP16")
    assert engines[0].precision == ("fp32" if typed else "fp16")
    assert engines[0].key == kept.key.name
    assert bool(kept.notes) == typed


@pytest.mark.parametrize("version", ["8.5.2", "10.3"])
def test_int8_is_calibrated_by_the_stored_pictures(version: str, tmp_path: Path, bundle: Bundle) -> None:
    calibration(tmp_path, 40)
    with fake_tensorrt(version) as fake:
        kept = Smith().make(order(settings(tmp_path, bundle, precision="int8", dla_core=0)))
        stored = Shelf(tmp_path).get(kept.key)
        assert stored is not None
        plan = opened(stored.plan)
        assert (plan.calibration, plan.dla_core) == ("ranges of 40 pictures", 0)
        assert plan.flags == ["FP16", "GPU_FALLBACK", "INT8"]
        fake.assert_clean()
