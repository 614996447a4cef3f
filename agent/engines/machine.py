"""The TensorRT and the GPU of this machine, or why there is none to build for."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Callable

from agent.engines.key import Machine
from agent.errors import EngineError

_INSTALL = (
    "On a Jetson it comes with JetPack: make the agent's environment with --system-site-packages. Without it "
    "ONNX Runtime runs the model, and no engine is needed"
)


class NoToolkitError(EngineError):
    """There is no TensorRT or no PyCUDA to import: a laptop, or an environment without JetPack's packages."""


@dataclass(frozen=True)
class Toolkit:
    """The two modules, and the machine that they found."""

    trt: Any
    cuda: Any
    machine: Machine


def find_toolkit(load: Callable[[str], Any] = importlib.import_module) -> Toolkit:
    """TensorRT, PyCUDA and the first GPU; makes no CUDA context. Raises EngineError with the remedy."""
    trt, cuda = _module(load, "tensorrt", "TensorRT"), _module(load, "pycuda.driver", "PyCUDA")
    try:
        cuda.init()
        device = cuda.Device(0)
        major, minor = device.compute_capability()
        machine = Machine(str(trt.__version__), str(device.name()), f"{major}.{minor}")
    except cuda.Error as error:
        raise EngineError(
            f"TensorRT {trt.__version__} is here, but no GPU answers ({error}): check that the agent's user "
            "is in the group `video` and may open /dev/nvhost* and /dev/nvmap. Until then ONNX Runtime runs "
            "the model"
        ) from error
    return Toolkit(trt, cuda, machine)


def _module(load: Callable[[str], Any], name: str, what: str) -> Any:
    try:
        return load(name)
    except ImportError as error:
        raise NoToolkitError(f"{what} cannot be imported on this machine ({error}). {_INSTALL}") from error
