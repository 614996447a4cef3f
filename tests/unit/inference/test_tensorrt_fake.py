"""The fake is held to the real TensorRT: its names, its parameters, and what crashes there."""

from __future__ import annotations

import inspect
import sys
import threading
from typing import Any, Callable, Dict, List, Tuple

import numpy as np
import pytest

from tests.fakes.tensorrt import VERSIONS, Fake, fake_tensorrt
from tests.fakes.tensorrt.enums import Member
from tests.fakes.tensorrt.names import Native, load_names

GONE_AND_NEW: Dict[str, Dict[str, List[str]]] = {
    "8.5.2": {
        "has": ["ICudaEngine.num_bindings", "IBuilderConfig.max_workspace_size", "BuilderFlag.FP16",
                "NetworkDefinitionCreationFlag.EXPLICIT_BATCH", "IInt8EntropyCalibrator2"],
        "lacks": ["IProgressMonitor", "IBuilderConfig.progress_monitor", "ParserError.node_name",
                  "BuilderFlag.BF16", "DataType.INT64"],
    },
    "10.3": {
        "has": ["IProgressMonitor", "ParserError.node_name", "IInt8EntropyCalibrator2", "BuilderFlag.INT8"],
        "lacks": ["ICudaEngine.num_bindings", "ICudaEngine.get_binding_shape", "Builder.build_engine",
                  "IExecutionContext.execute_async_v2", "IBuilderConfig.max_workspace_size"],
    },
    "10.13": {
        "has": ["BuilderFlag.FP16", "NetworkDefinitionCreationFlag.EXPLICIT_BATCH", "DataType.FP4"],
        "lacks": ["ICudaEngine.num_bindings", "IExecutionContext.execute_async_v2"],
    },
    "11.4": {
        "has": ["IProgressMonitor", "NetworkDefinitionCreationFlag.STRONGLY_TYPED"],
        "lacks": ["BuilderFlag.FP16", "BuilderFlag.INT8", "NetworkDefinitionCreationFlag.EXPLICIT_BATCH",
                  "IInt8EntropyCalibrator2", "IBuilderConfig.int8_calibrator",
                  "IBuilderConfig.set_calibration_profile", "Builder.platform_has_fast_fp16"],
    },
}  # fmt: skip


def resolve(fake: Fake, path: str) -> Any:
    """`Class.attribute` or a name of the module."""
    value: Any = fake.trt
    for name in path.split("."):
        value = getattr(value, name)
    return value


@pytest.mark.parametrize("version", VERSIONS)
def test_what_came_and_went_between_versions(version: str) -> None:
    with fake_tensorrt(version) as fake:
        for path in GONE_AND_NEW[version]["has"]:
            resolve(fake, path)
        for path in GONE_AND_NEW[version]["lacks"]:
            with pytest.raises(AttributeError):
                resolve(fake, path)


def pretended(fake: Fake) -> List[Any]:
    return [
        value for value in vars(fake.trt).values() if inspect.isclass(value) and issubclass(value, Native)
    ]


def test_every_public_name_is_one_of_the_real_ones(fake: Fake) -> None:
    assert set(dir(fake.trt)) - set(dir(sys)) - {"_names"} <= {
        *fake.names.module,
        *(name for name in dir(fake.trt) if name.startswith("_")),
    }
    classes = pretended(fake)
    assert len(classes) >= 15
    for kind in classes:
        real = fake.names.classes[kind.__name__]
        for name in dir(kind):
            if not name.startswith("_") and name not in real:
                with pytest.raises(AttributeError):
                    getattr(kind, name)
        # What the real one has is there, be it only to say that the fake does not do it.
        for name in real:
            assert hasattr(kind, name), (kind, name)


def test_parameters_are_called_what_the_real_ones_are_called(fake: Fake) -> None:
    checked = 0
    for kind in pretended(fake):
        for name, overloads in fake.names.classes[kind.__name__].items():
            member = inspect.getattr_static(kind, name)
            if not overloads or not inspect.isfunction(member):
                continue
            ours = [one for one in inspect.signature(member).parameters if one != "self"]
            assert any(ours == real[: len(ours)] for real in overloads), (kind, name, ours, overloads)
            checked += 1
    assert checked > 25


def test_every_enum_has_exactly_the_members_of_the_real_one(fake: Fake) -> None:
    for path, members in fake.names.enums.items():
        if path.startswith("Logger."):
            continue
        kind = resolve(fake, path)
        assert issubclass(kind, Member)
        assert {name: int(value) for name, value in kind.__members__.items()} == members
        assert [getattr(kind, name) for name in members] == list(kind.__members__.values())


def test_the_lists_were_read_off_the_versions_that_they_are_named_after() -> None:
    for version in VERSIONS:
        assert load_names(version).version.startswith(version)


def test_settings_that_a_version_lacks_cannot_be_made(fake: Fake) -> None:
    builder = fake.trt.Builder(fake.trt.Logger())
    config = builder.create_builder_config()
    for name in ("no_such_setting", "max_batch"):
        with pytest.raises(AttributeError, match=f"has no IBuilderConfig.{name}"):
            setattr(config, name, 1)
    with pytest.raises(AttributeError):
        config.no_such_setting  # noqa: B018
    with pytest.raises(NotImplementedError, match="the fake does not do"):
        config.avg_timing_iterations  # noqa: B018
    with pytest.raises(NotImplementedError, match=r"the fake does not do tensorrt\.Refitter"):
        fake.trt.Refitter  # noqa: B018
    with pytest.raises(TypeError, match="No constructor defined"):
        fake.trt.ICudaEngine()


def test_a_listener_that_forgot_its_base_is_refused(fake: Fake) -> None:
    class Forgetful(fake.trt.ILogger):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            pass

    with pytest.raises(TypeError, match=r"ILogger.__init__\(\) must be called"):
        fake.trt.Builder(Forgetful())


def in_another_thread(work: Callable[[], Any]) -> List[str]:
    """The words of the exception that `work` raises there."""
    raised: List[str] = []

    def run() -> None:
        try:
            work()
        except AssertionError as error:
            raised.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return raised


@pytest.fixture
def wild() -> Any:
    """A fake that is to be used wrongly: what it notes is looked at here, not at its end."""
    with fake_tensorrt("8.5.2") as installed:
        installed.cuda.init()
        context = installed.cuda.Device(0).retain_primary_context()
        context.push()
        yield installed
        installed.gate.violations.clear()


def test_objects_of_another_thread_may_not_be_used(wild: Fake) -> None:
    builder = wild.trt.Builder(wild.trt.Logger())
    assert "another thread" in in_another_thread(builder.create_builder_config)[0]


def test_memory_of_another_thread_may_not_be_freed(wild: Fake) -> None:
    memory, pinned = wild.cuda.mem_alloc(16), wild.cuda.pagelocked_empty((4,), np.float32)
    assert "another thread" in in_another_thread(memory.free)[0]
    assert "another thread" in in_another_thread(pinned.base.free)[0]


def test_memory_needs_a_context_and_is_gone_after_it(wild: Fake) -> None:
    assert "without a CUDA context" in in_another_thread(lambda: wild.cuda.mem_alloc(16))[0]
    memory = wild.cuda.mem_alloc(16)
    context = wild.gpu.current()
    with pytest.raises(AssertionError, match="while the context is pushed"):
        context.detach()
    wild.cuda.Context.pop()
    with pytest.raises(AssertionError, match=r"before .*mem_alloc.* were freed"):
        context.detach()
    with pytest.raises(wild.cuda.LogicError, match="cannot pop"):
        wild.cuda.Context.pop()
    memory.free()
    with pytest.raises(AssertionError, match="freed twice"):
        memory.free()
    context.detach()
    with pytest.raises(wild.cuda.LogicError, match="detached"):
        context.push()


def test_what_is_queued_is_done_when_it_is_waited_for_and_not_before(wild: Fake) -> None:
    cuda = wild.cuda
    source, target = cuda.pagelocked_empty((4,), np.float32), cuda.pagelocked_empty((4,), np.float32)
    memory, stream = cuda.mem_alloc(16), cuda.Stream()
    source[:] = 7
    cuda.memcpy_htod_async(memory, source, stream)
    cuda.memcpy_dtoh_async(target, memory, stream)
    assert np.isnan(target).all()
    stream.synchronize()
    assert (target == 7).all()


def test_copies_that_would_corrupt_memory_fail(wild: Fake) -> None:
    cuda = wild.cuda
    memory, stream, pinned = cuda.mem_alloc(16), cuda.Stream(), cuda.pagelocked_empty((4, 4), np.float32)

    def copy(source: Any, to: Any = memory, over: Any = stream) -> None:
        cuda.memcpy_htod_async(to, source, over)
        stream.synchronize()

    mistakes: List[Tuple[Callable[[], Any], str]] = [
        (lambda: copy(np.zeros(4, np.float32)), "not page-locked"),
        (lambda: copy(pinned[:, 0]), "not contiguous"),
        (lambda: copy(pinned), "64 bytes in an allocation of 16"),
        (lambda: copy(pinned[0], 12345), "is no memory of the device"),
        (lambda: copy(pinned[0], memory, None), "default stream"),
        (lambda: cuda.mem_alloc(0), "0 bytes"),
    ]
    for wrong, complaint in mistakes:
        with pytest.raises(AssertionError, match=complaint):
            wrong()
    row = pinned[0]
    pinned.base.free()
    with pytest.raises(AssertionError, match="page-locked memory was freed"):
        copy(row)


def test_what_is_not_given_back_is_counted() -> None:
    with fake_tensorrt("10.3") as fake:
        fake.cuda.init()
        context = fake.cuda.Device(0).retain_primary_context()
        context.push()
        memory, stream = fake.cuda.mem_alloc(16), fake.cuda.Stream()
        logger = fake.trt.Logger()
        assert sorted(fake.leaks) == [
            "Logger",
            "a pushed context",
            "a retained primary context",
            "a stream",
            "mem_alloc of 16 bytes",
        ]
        with pytest.raises(AssertionError, match="a stream"):
            fake.assert_clean()
        del memory, stream, logger
        fake.cuda.Context.pop()
        context.detach()
        fake.assert_clean()


def test_a_violation_fails_the_test_even_where_nobody_saw_it_raised() -> None:
    with pytest.raises(AssertionError, match="out of turn"), fake_tensorrt("10.3") as fake:
        fake.gate.note("out of turn")


def test_faults_are_named_after_calls_that_exist(fake: Fake) -> None:
    with pytest.raises(KeyError, match="no call mem_aloc"):
        fake.gate.fail("mem_aloc")
    assert {"mem_alloc", "Runtime.deserialize_cuda_engine", "Stream.synchronize"} <= fake.gate.known


def test_cuda_must_be_initialised_first(fake: Fake) -> None:
    with pytest.raises(fake.cuda.LogicError, match="initialization error"):
        fake.cuda.Device(0)
    assert sys.modules["pycuda.autoinit"] is None
