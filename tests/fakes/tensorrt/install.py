"""Puts the pretended TensorRT and PyCUDA where `import` finds them, and looks after them at the end."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Callable, Dict, Iterator, List

from tests.fakes.tensorrt import builder, runtime
from tests.fakes.tensorrt.cuda import Gpu, make_cuda
from tests.fakes.tensorrt.enums import enum
from tests.fakes.tensorrt.gate import Gate
from tests.fakes.tensorrt.names import VERSIONS, Names, held_to, load_names
from tests.fakes.tensorrt.plan import Plan
from tests.fakes.tensorrt.runtime import Arrays, run_onnx

__all__ = ["VERSIONS", "Fake", "fake_tensorrt"]

_OBJECTS = (
    builder.Builder,
    builder.IBuilderConfig,
    builder.IHostMemory,
    builder.INetworkDefinition,
    builder.IOptimizationProfile,
    builder.ITensor,
    builder.ITimingCache,
    builder.Logger,
    builder.OnnxParser,
    builder.ParserError,
    runtime.ICudaEngine,
    runtime.IExecutionContext,
    runtime.Runtime,
)
_CALLBACKS = (
    builder.IInt8EntropyCalibrator2,
    builder.IInt8MinMaxCalibrator,
    builder.ILogger,
    builder.IProgressMonitor,
)


class Fake:
    """One pretended installation: modules `trt` and `cuda`, the `gpu`, and the `gate` that calls go through.

    `refusals` are the errors that the parser gives for any model; `compute` replaces what plans compute;
    `ran_on_dla` are the cores that plans for a DLA were given to.
    """

    def __init__(self, version: str) -> None:
        self.names: Names = load_names(version)
        self.gate = Gate()
        self.gpu = Gpu(self.gate)
        self.alive: List[str] = []
        self.printed: List[str] = []
        self.refusals: List[builder.Complaint] = []
        self.ran_on_dla: List[int] = []
        self.dla_cores = 2
        self.compute: Callable[[Plan, Arrays], Arrays] = run_onnx
        self.cuda: Any = make_cuda(self.gpu)
        self.trt: Any = _make_tensorrt(self)
        self.logger: Callable[[], Any] = lambda: None
        self.gate.speak = self._speak

    @property
    def leaks(self) -> List[str]:
        """What was made and not freed: memory, streams, contexts, objects of TensorRT."""
        return [*self.gpu.leaks(), *self.alive]

    def _speak(self, message: str) -> None:
        """Tell whatever logger listens, in passing and then as an error."""
        logger, severity = self.logger(), self.trt.ILogger
        for level, text in (("VERBOSE", "trying"), ("WARNING", "this is slow"), ("ERROR", message)):
            logger.log(getattr(severity, level), text)

    def assert_clean(self) -> None:
        """Everything was freed, and nothing was done that would have crashed the real thing."""
        assert not self.gate.violations, self.gate.violations
        assert not self.leaks, self.leaks


@contextmanager
def fake_tensorrt(version: str) -> Iterator[Fake]:
    """`import tensorrt` and `import pycuda.driver` give the fakes meanwhile.

    Ends with AssertionError where there were violations; leaks are for the test to look at, by
    `assert_clean`.
    """
    fake = Fake(version)
    package = ModuleType("pycuda")
    package.driver = fake.cuda  # type: ignore[attr-defined]
    modules: Dict[str, Any] = {
        "tensorrt": fake.trt,
        "pycuda": package,
        "pycuda.driver": fake.cuda,
        # Makes a context of its own that nobody pops: not to be imported.
        "pycuda.autoinit": None,
    }
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield fake
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
    assert not fake.gate.violations, fake.gate.violations


def _make_tensorrt(fake: Fake) -> ModuleType:
    names, gate = fake.names, fake.gate
    trt = _Module("tensorrt", names)
    trt.__version__ = names.version
    for path, members in names.enums.items():
        if "." not in path:
            setattr(trt, path, enum(path, members))
    for kind in _OBJECTS:
        if kind.__name__ in names.classes:
            setattr(trt, kind.__name__, held_to(names, kind, fake))
    for base in _CALLBACKS:
        if base.__name__ in names.classes:
            setattr(trt, base.__name__, held_to(names, base, fake, callback=True))
    trt.Dims = runtime.Dims
    severity = enum("ILogger.Severity", names.enums["ILogger.Severity"])
    for logger in (trt.ILogger, trt.Logger):
        for name, member in {"Severity": severity, **severity.__members__}.items():
            type.__setattr__(logger, name, member)
    for constructor in ("Builder", "Runtime"):
        gate.know(constructor)
    gate.know("init_libnvinfer_plugins")

    def init_libnvinfer_plugins(logger: Any, namespace: str) -> bool:
        answered, answer = gate.enter("init_libnvinfer_plugins")
        return bool(answer) if answered else True

    trt.init_libnvinfer_plugins = init_libnvinfer_plugins
    module: ModuleType = trt
    return module


class _Module(ModuleType):
    """A module that has what its version has, and says which of it is not pretended."""

    def __init__(self, name: str, names: Names) -> None:
        super().__init__(name)
        self.__dict__["_names"] = names

    def __getattr__(self, name: str) -> Any:
        names: Names = self.__dict__["_names"]
        if name in names.module:
            raise NotImplementedError(f"the fake does not do tensorrt.{name} yet, the real one does")
        raise AttributeError(f"TensorRT {names.version} has no {name}")

    def __setattr__(self, name: str, value: Any) -> None:
        names: Names = self.__dict__["_names"]
        if not name.startswith("_") and name not in names.module:
            raise AttributeError(f"TensorRT {names.version} has no {name}")
        self.__dict__[name] = value
