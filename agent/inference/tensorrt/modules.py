"""Whether this machine has TensorRT, PyCUDA and a GPU, and what to do where it has not."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from agent.errors import InferenceError

_INSTALL = (
    "On a Jetson both come with JetPack or its repository: make the agent's environment with "
    "--system-site-packages. Elsewhere set fire.backend or faces.backend to auto or onnxruntime"
)
_NEEDED = (
    ("tensorrt", "ICudaEngine", "num_io_tensors", "8.5 (JetPack 5.1)"),
    ("pycuda.driver", "Device", "retain_primary_context", "2020.1"),
)
"""What tells a version that is too old, and the first that is not."""


class NoTensorRtError(InferenceError):
    """TensorRT or PyCUDA is not installed: an ordinary computer."""


@dataclass(frozen=True)
class Modules:
    """The modules tensorrt and pycuda.driver."""

    trt: Any
    cuda: Any

    @property
    def version(self) -> str:
        """TensorRT's, such as `8.5.2.2`."""
        return str(self.trt.__version__)


def find_modules() -> Modules:
    """Both, where a GPU answers; makes no context.

    Raises NoTensorRtError where one cannot be imported, InferenceError where it cannot be used.
    """
    trt, cuda = (_module(name) for name, _, _, _ in _NEEDED)
    for module, (name, kind, attribute, first) in zip((trt, cuda), _NEEDED):
        if not hasattr(getattr(module, kind), attribute):
            raise InferenceError(f"{name} is too old: {first} or newer is needed")
    try:
        cuda.init()
        cuda.Device(0)
    except cuda.Error as error:
        raise InferenceError(
            f"no GPU answers: {error}. The agent's user must be in the group `video` and may need "
            "/dev/nvhost* and /dev/nvmap; without a GPU set fire.backend or faces.backend to auto or "
            "onnxruntime"
        ) from error
    return Modules(trt, cuda)


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except (ImportError, OSError) as error:
        raise NoTensorRtError(f"{name} cannot be imported: {error}. {_INSTALL}") from error
