"""Memory of one tensor on both sides: page-locked for the processor, and on the device."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from agent.inference.tensorrt.calls import Calls
from agent.inference.tensorrt.tensors import Tensor


class Buffer:
    """Room for `most` pictures of a tensor; used and freed by the thread that made it, context pushed.

    `host` is page-locked, so that copies run beside the processor and without another copy in between.
    """

    def __init__(self, cuda: Any, calls: Calls, tensor: Tensor, most: int) -> None:
        self._cuda = cuda
        self._calls = calls
        self.tensor = tensor
        self.host: npt.NDArray[Any] = calls.made(
            "pagelocked_empty", cuda.pagelocked_empty, (most, *tensor.shape), np.dtype(tensor.dtype)
        )
        self.device: Any = calls.made("mem_alloc", cuda.mem_alloc, self.host.nbytes)

    def send(self, count: int, stream: Any) -> None:
        """Queue the copy of the first `count` pictures to the device."""
        copy = self._cuda.memcpy_htod_async
        self._calls.done("memcpy_htod_async", copy, self.device, self.host[:count], stream)

    def fetch(self, count: int, stream: Any) -> None:
        """Queue the copy of the first `count` pictures from the device."""
        copy = self._cuda.memcpy_dtoh_async
        self._calls.done("memcpy_dtoh_async", copy, self.host[:count], self.device, stream)

    def free(self) -> None:
        """Give back both."""
        try:
            self._calls.done("free", self.device.free)
        finally:
            self._calls.done("free", self.host.base.free)  # type: ignore[union-attr]  # PyCUDA's allocation
