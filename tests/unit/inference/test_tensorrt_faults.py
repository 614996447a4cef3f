"""Every call into TensorRT and CUDA fails once: the error names it, and nothing stays behind."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

import numpy as np
import pytest
from structlog.testing import capture_logs

from agent.errors import InferenceError
from tests.fakes.tensorrt import Fake
from tests.unit.inference.conftest import Open

# call of the fake -> the name that the error gives it; what it does instead of its work
LOADING: Dict[Tuple[str, int], Tuple[str, Optional[str], Any]] = {
    ("init", 0): ("cuda.init", "RuntimeError", None),
    ("Device", 0): ("retain_primary_context", "LogicError", None),
    ("Device.retain_primary_context", 0): ("retain_primary_context", "MemoryError", None),
    ("Context.push", 0): ("Context.push", "LogicError", None),
    ("init_libnvinfer_plugins", 0): ("init_libnvinfer_plugins", None, False),
    ("Runtime", 0): ("Runtime", "TypeError", None),
    ("Runtime.deserialize_cuda_engine", 0): ("deserialize_cuda_engine", None, None),
    ("ICudaEngine.create_execution_context", 0): ("create_execution_context", None, None),
    ("Stream", 0): ("Stream", "MemoryError", None),
    ("pagelocked_empty", 0): ("pagelocked_empty", "MemoryError", None),
    ("pagelocked_empty", 1): ("pagelocked_empty", "MemoryError", None),
    ("mem_alloc", 0): ("mem_alloc", "MemoryError", None),
    ("mem_alloc", 1): ("mem_alloc", "MemoryError", None),
    ("IExecutionContext.set_tensor_address", 0): ("set_tensor_address", None, False),
    ("IExecutionContext.set_tensor_address", 1): ("set_tensor_address", None, False),
}
LOOKING: Dict[Tuple[str, int], Tuple[str, Optional[str], Any]] = {
    ("IExecutionContext.set_input_shape", 0): ("set_input_shape", None, False),
    ("memcpy_htod_async", 0): ("memcpy_htod_async", "LogicError", None),
    ("IExecutionContext.execute_async_v3", 0): ("execute_async_v3", None, False),
    ("memcpy_dtoh_async", 0): ("memcpy_dtoh_async", "LogicError", None),
    ("Stream.synchronize", 0): ("Stream.synchronize", "LaunchError", None),
    ("Context.push", 0): ("Context.push", "LogicError", None),
    ("Context.pop", 0): ("Context.pop", "LogicError", None),
}
FIRST_RUN = {key: broken for key, broken in LOOKING.items() if not key[0].startswith("Context")}
Broken = Tuple[Tuple[str, int], Tuple[str, Optional[str], Any]]


def break_it(fake: Fake, broken: Broken, *, times: Optional[int] = None) -> str:
    """Let the call fail; returns what the error must begin with."""
    (call, skip), (name, raises, returns) = broken
    error = None
    if raises is not None:
        error = getattr(fake.cuda, raises, TypeError)(f"{raises}: it is broken")
    fake.gate.fail(call, raises=error, returns=returns, skip=skip, times=times)
    return f"TensorRT {fake.trt.__version__}: {name} failed: "


@pytest.mark.parametrize("broken", LOADING.items(), ids=lambda one: f"{one[0][0]}-{one[0][1]}")
def test_what_fails_while_loading_is_named_and_nothing_stays(
    opened: Open, fake: Fake, broken: Broken
) -> None:
    told = break_it(fake, broken, times=1)
    with pytest.raises(InferenceError) as failure:
        opened()
    assert str(failure.value).startswith(told)
    assert "fire.backend or faces.backend to onnxruntime" in str(failure.value)
    fake.assert_clean()
    opened()


@pytest.mark.parametrize("broken", FIRST_RUN.items(), ids=lambda one: one[0][0])
def test_a_first_run_that_fails_is_a_failure_to_load(opened: Open, fake: Fake, broken: Broken) -> None:
    told = break_it(fake, broken, times=1)
    with pytest.raises(InferenceError) as failure:
        opened()
    assert str(failure.value).startswith(told)
    fake.assert_clean()


@pytest.mark.parametrize("broken", LOOKING.items(), ids=lambda one: one[0][0])
def test_what_fails_while_looking_is_named_and_the_next_look_works(
    opened: Open, fake: Fake, broken: Broken
) -> None:
    session = opened()
    batch = np.random.default_rng(1).random((3, 3, 32, 32), np.float32)
    good = session.infer(batch)
    told = break_it(fake, broken, times=1)
    with pytest.raises(InferenceError) as failure:
        session.infer(batch)
    assert str(failure.value).startswith(told)
    if broken[0][0] == "Context.pop":
        fake.gpu.stacks.clear()
    assert np.array_equal(session.infer(batch), good)


@pytest.mark.parametrize("call", ["mem_alloc", "pagelocked_empty", "Device.retain_primary_context", "Stream"])
def test_full_memory_is_called_that(opened: Open, fake: Fake, call: str) -> None:
    fake.gate.fail(call, raises=fake.cuda.MemoryError(f"{call} failed: out of memory"))
    with pytest.raises(InferenceError, match=r"out of memory\. The device's memory is full: end other"):
        opened()


def test_full_memory_that_only_tensorrts_words_tell_is_called_that(opened: Open, fake: Fake) -> None:
    fake.gate.fail("ICudaEngine.create_execution_context", says="Cuda Runtime (Out of memory)")
    with pytest.raises(InferenceError, match=r"Cuda Runtime \(Out of memory\)\. The device's memory is full"):
        opened()


def test_a_shape_that_the_engine_would_not_answer_is_refused(opened: Open, fake: Fake) -> None:
    session = opened()
    fake.gate.fail("IExecutionContext.get_tensor_shape", returns=fake.trt.Dims((1, 7)), times=1)
    with pytest.raises(InferenceError, match=r"would answer \(1, 7\) to 2 pictures, not \(2, 3\)"):
        session.infer(np.zeros((2, 3, 32, 32), np.float32))


def test_tensorrts_own_words_are_in_the_error_and_only_there(opened: Open, fake: Fake) -> None:
    session = opened()
    batch = np.zeros((2, 3, 32, 32), np.float32)
    call = "IExecutionContext.execute_async_v3"
    fake.gate.fail(call, returns=False, says="Error Code 1: Cask", times=1)
    with pytest.raises(InferenceError, match=r"execute_async_v3 failed: Error Code 1: Cask\. If it stays so"):
        session.infer(batch)
    fake.gate.fail(call, returns=False)
    with pytest.raises(InferenceError, match="execute_async_v3 failed: it gives no reason"):
        session.infer(batch)


@pytest.mark.parametrize(
    "call", ["DeviceAllocation.free", "PagelockedHostAllocation.free", "Context.push", "Context.detach"]
)
def test_what_cannot_be_freed_is_logged_and_the_rest_is_freed(opened: Open, fake: Fake, call: str) -> None:
    session = opened()
    fake.gate.fail(call, raises=fake.cuda.LogicError(f"{call}: it is broken"), times=1)
    with capture_logs() as lines:
        session.close()
    assert {line["event"] for line in lines} == {"an engine could not be freed"}
    assert "it is broken" in lines[0]["error"]
    assert set(fake.leaks) <= {"a retained primary context"}
    if call == "Context.push":
        # Whatever is freed without a context is lost with it; that much is owed to a context that is dead.
        assert all(one.endswith("was freed without a CUDA context") for one in fake.gate.violations)
        fake.gate.violations.clear()
    fake.gpu.retained = 0
