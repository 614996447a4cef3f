"""The TensorRT and the GPU of this machine, or why there is none to build for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from agent.engines.key import Machine
from agent.errors import EngineError, InferenceError
from agent.inference.tensorrt.modules import Modules, NoTensorRtError, find_modules


class NoToolkitError(EngineError):
    """There is no TensorRT or no PyCUDA to import: a laptop, or an environment without JetPack's packages."""


@dataclass(frozen=True)
class Toolkit:
    """TensorRT and PyCUDA, and the machine that they found."""

    modules: Modules
    machine: Machine


Find = Callable[[], Toolkit]


def find_toolkit() -> Toolkit:
    """TensorRT, PyCUDA and the first GPU; makes no CUDA context. Raises EngineError with the remedy."""
    try:
        modules = find_modules()
        device = modules.cuda.Device(0)
    except NoTensorRtError as error:
        raise NoToolkitError(f"{error}. No engine can be built without, and none is needed then") from error
    except InferenceError as error:
        raise EngineError(str(error)) from error
    major, minor = device.compute_capability()
    return Toolkit(modules, Machine(modules.version, str(device.name()), f"{major}.{minor}"))
