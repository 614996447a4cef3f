"""Which backend looks where TensorRT is there, and why not where it does not."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import Any, List, Optional

import pytest
from structlog.testing import capture_logs

from agent.config.settings import FireSettings, TensorRtSettings
from agent.errors import BeffroiError, BundleError, EngineError, InferenceError, StoreError
from agent.inference.bundle import Bundle
from agent.inference.engines import Engine
from agent.inference.registry import load_fire_detector, probe_fire_model
from tests.fakes.detector import RED, picture
from tests.fakes.tensorrt import Fake
from tests.fakes.tensorrt.plans import plan_of


class FakeShelf:
    """Implements agent.inference.engines.EngineShelf: one engine, none, or an error."""

    def __init__(self, engine: Optional[Engine] = None, error: Optional[BeffroiError] = None) -> None:
        self._engine, self._error = engine, error
        self.asked: List[str] = []

    def plan(self, bundle: Bundle) -> Optional[Engine]:
        self.asked.append(bundle.manifest.name)
        if self._error is not None:
            raise self._error
        return self._engine


@pytest.fixture
def engine(fake: Fake, colours: Bundle) -> Engine:
    return Engine(plan_of(fake, colours.model.read_bytes(), dla_core=0), "fp16", "colours-fp16-0123")


def section(bundle: Bundle, backend: str) -> FireSettings:
    return FireSettings.model_validate({"bundle": str(bundle.folder), "backend": backend})


@pytest.mark.parametrize("backend", ["auto", "tensorrt"])
def test_tensorrt_looks_where_there_is_an_engine(
    fake: Fake, colours: Bundle, engine: Engine, backend: str
) -> None:
    shelf, device = FakeShelf(engine), TensorRtSettings(dla_core=1)
    with capture_logs() as lines, closing(
        load_fire_detector(section(colours, backend), device, shelf)
    ) as detector:
        (scores,) = detector.look([picture(RED)])
    assert scores.fire > 0.99
    assert (detector.model.backend, detector.model.precision) == ("tensorrt", "fp16")
    assert shelf.asked == ["colours"]
    assert fake.ran_on_dla == [1]
    (line,) = lines
    assert line["event"] == "TensorRT looks"
    assert (line["engine"], line["version"]) == ("colours-fp16-0123", fake.trt.__version__)


def test_a_probe_says_the_same_and_leaves_nothing(fake: Fake, colours: Bundle, engine: Engine) -> None:
    model = probe_fire_model(section(colours, "auto"), shelf=FakeShelf(engine))
    assert model.backend == "tensorrt"
    fake.assert_clean()


def test_onnx_runtime_looks_where_it_is_forced(fake: Fake, colours: Bundle, engine: Engine) -> None:
    shelf = FakeShelf(engine)
    model = probe_fire_model(section(colours, "onnxruntime"), shelf=shelf)
    assert (model.backend, model.precision) == ("onnxruntime", "fp32")
    assert not shelf.asked


def no_tensorrt(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", None)  # imports of it fail then


def no_gpu(fake: Fake, _: Any) -> None:
    fake.gpu.count = 0


def no_memory(fake: Fake, _: Any) -> None:
    fake.gate.fail("mem_alloc", raises=fake.cuda.MemoryError("cuMemAlloc failed: out of memory"))


def a_kernel_that_fails(fake: Fake, _: Any) -> None:
    fake.gate.fail("Stream.synchronize", raises=fake.cuda.LaunchError("launch failed"))


def another_gpu(fake: Fake, _: Any) -> None:
    fake.gpu.compute_capability = (8, 7)


@pytest.mark.parametrize(
    ("trouble", "level", "why"),
    [
        (no_tensorrt, "info", "tensorrt cannot be imported"),
        (no_gpu, "warning", "no GPU answers"),
        (no_memory, "warning", "mem_alloc failed: cuMemAlloc failed: out of memory"),
        (a_kernel_that_fails, "warning", "Stream.synchronize failed: launch failed"),
        (another_gpu, "warning", "deserialize_cuda_engine failed"),
    ],
)
def test_without_a_working_tensorrt_auto_looks_all_the_same_and_says_why(
    fake: Fake,
    colours: Bundle,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Any,
    level: str,
    why: str,
) -> None:
    trouble(fake, monkeypatch)
    with capture_logs() as lines:
        model = probe_fire_model(section(colours, "auto"), shelf=FakeShelf(engine))
    assert (model.backend, model.precision) == ("onnxruntime", "fp32")
    (line,) = lines
    assert line["event"].startswith("ONNX Runtime looks")
    assert line["log_level"] == level
    assert why in line["why"]
    with pytest.raises(InferenceError, match=why):
        load_fire_detector(section(colours, "tensorrt"), shelf=FakeShelf(engine))


@pytest.mark.parametrize(
    ("shelf", "why"),
    [
        (FakeShelf(), "there is no engine of colours for this device yet: run `beffroi engines build`"),
        (FakeShelf(error=EngineError("a DLA computes in fp16 only")), "a DLA computes in fp16 only"),
        (FakeShelf(error=StoreError("the disk fails")), "the disk fails"),
        (FakeShelf(error=BundleError("another bundle")), "another bundle"),
    ],
)
def test_without_an_engine_auto_looks_all_the_same(
    fake: Fake, colours: Bundle, shelf: FakeShelf, why: str
) -> None:
    with capture_logs() as lines:
        assert probe_fire_model(section(colours, "auto"), shelf=shelf).backend == "onnxruntime"
    assert why in lines[0]["why"]
    with pytest.raises(BeffroiError, match=why):
        load_fire_detector(section(colours, "tensorrt"), shelf=shelf)


def test_who_has_no_shelf_has_no_engine(fake: Fake, colours: Bundle) -> None:
    with pytest.raises(InferenceError, match="no engine of colours"):
        load_fire_detector(section(colours, "tensorrt"))
