"""A pretended GPU, and the module `pycuda.driver` that speaks to it.

What is queued on a stream runs when the stream is waited for and not before: who reads a result too early
finds NaN. Memory is numpy's; it belongs to the thread and the context in which it was allocated.
"""

from __future__ import annotations

import functools
import threading
import weakref
from types import ModuleType
from typing import Any, Callable, Dict, List, Tuple, Union

import numpy as np
import numpy.typing as npt

from tests.fakes.tensorrt.gate import Gate

_FIRST_ADDRESS, _ALIGNED = 0x7F00_0000_0000, 512

Bytes = npt.NDArray[np.uint8]


class Gpu:
    """State of the device. `compute_capability` and `name` are those of a Xavier NX unless set otherwise."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.count = 1
        self.name = "Xavier"
        self.compute_capability = (7, 2)
        self.total_memory = 8 << 30
        self.initialised = False
        self.blocks: Dict[int, Block] = {}
        self.streams: Dict[int, Any] = {}
        self.retained = 0
        self.stacks: Dict[int, List[Any]] = {}
        self._next = _FIRST_ADDRESS

    def current(self) -> Any:
        """The context on top of this thread's stack, or None."""
        stack = self.stacks.get(threading.get_ident())
        return stack[-1] if stack else None

    def needs_context(self, call: str) -> Any:
        context = self.current()
        if context is None:
            self.gate.violate(f"{call} without a CUDA context in this thread: it was not pushed")
        return context

    def allocate(self, call: str, nbytes: int) -> Block:
        context = self.needs_context(call)
        if nbytes <= 0:
            self.gate.violate(f"{call} of {nbytes} bytes")
        block = Block(self, call, self._next, nbytes, context)
        self._next += -(-nbytes // _ALIGNED) * _ALIGNED
        self.blocks[block.address] = block
        return block

    def device_bytes(self, address: int, nbytes: int, call: str) -> Bytes:
        """The first bytes of a live allocation on the device."""
        block = self.blocks.get(int(address))
        if block is None or block.kind != "mem_alloc":
            self.gate.violate(f"{call}: {int(address):#x} is no memory of the device, or was freed")
            raise AssertionError
        if nbytes > len(block.data):
            self.gate.violate(f"{call}: {nbytes} bytes in an allocation of {len(block.data)}")
        return block.data[:nbytes]

    def leaks(self) -> List[str]:
        """What was not given back."""
        found = [f"{block.kind} of {len(block.data)} bytes" for block in self.blocks.values()]
        found += ["a stream" for _ in self.streams]
        found += ["a retained primary context"] * self.retained
        found += ["a pushed context" for stack in self.stacks.values() for _ in stack]
        return found


class Block:
    """Memory, filled with NaN to begin with."""

    def __init__(self, gpu: Gpu, kind: str, address: int, nbytes: int, context: Any) -> None:
        self.gpu, self.kind, self.address, self.context = gpu, kind, address, context
        self.thread = threading.get_ident()
        self.data: Bytes = np.full(nbytes, 0xFF, np.uint8)

    def free(self, call: str) -> None:
        """Give it back; the thread and context that allocated it alone may."""
        gate = self.gpu.gate
        if self.address not in self.gpu.blocks:
            gate.violate(f"{call}: freed twice")
        if threading.get_ident() != self.thread:
            gate.violate(f"{call} by another thread than the one that allocated")
        if not self.context.valid:
            gate.violate(f"{call} after its context was detached")
        del self.gpu.blocks[self.address]
        self.data.fill(0xFF)

    def dropped(self) -> None:
        """The last reference went: PyCUDA frees then, under the same conditions."""
        if self.address not in self.gpu.blocks:
            return
        if threading.get_ident() != self.thread or not self.context.valid:
            self.gpu.gate.note(f"{self.kind} was freed by another thread, or after its context")
        del self.gpu.blocks[self.address]


def make_cuda(gpu: Gpu) -> ModuleType:
    """The module `pycuda.driver` of this GPU; its calls are gated under their names in the module."""
    cuda: Any = ModuleType("pycuda.driver")
    gate = gpu.gate

    class Error(Exception):
        pass

    class MemoryError(Error):  # noqa: A001  # PyCUDA's
        pass

    class LogicError(Error):
        pass

    class LaunchError(Error):
        pass

    class RuntimeError(Error):  # noqa: A001  # PyCUDA's
        pass

    def gated(call: str, function: Callable[..., Any]) -> Callable[..., Any]:
        gate.know(call)

        @functools.wraps(function)
        def through(*values: Any, **named: Any) -> Any:
            if not gpu.initialised and call != "init":
                raise LogicError(f"{call} failed: initialization error (cuda.init() was not called)")
            answered, answer = gate.enter(call)
            return answer if answered else function(*values, **named)

        return through

    def method(call: str) -> Callable[[Callable[..., Any]], Any]:
        return lambda function: gated(call, function)

    def init(flags: int = 0) -> None:
        if not gpu.count:
            raise RuntimeError("cuInit failed: no CUDA-capable device is detected")
        gpu.initialised = True

    class Device:
        @method("Device")
        def __init__(self, number: int) -> None:
            if not 0 <= number < gpu.count:
                raise LogicError("cuDeviceGet failed: invalid device ordinal")
            self._number = number

        @staticmethod
        def count() -> int:
            return gpu.count

        @method("Device.name")
        def name(self) -> str:
            return gpu.name

        @method("Device.compute_capability")
        def compute_capability(self) -> Tuple[int, int]:
            return gpu.compute_capability

        @method("Device.total_memory")
        def total_memory(self) -> int:
            return gpu.total_memory

        @method("Device.retain_primary_context")
        def retain_primary_context(self) -> Any:
            gpu.retained += 1
            return Context()

    class Context:
        def __init__(self) -> None:
            self.valid = True
            self._thread = threading.get_ident()

        @method("Context.push")
        def push(self) -> None:
            self._mine("Context.push")
            gpu.stacks.setdefault(threading.get_ident(), []).append(self)

        @staticmethod
        @method("Context.pop")
        def pop() -> None:
            stack = gpu.stacks.get(threading.get_ident())
            if not stack:
                raise LogicError("context::pop failed: invalid device context - cannot pop")
            stack.pop()

        @method("Context.detach")
        def detach(self) -> None:
            self._mine("Context.detach")
            if any(self in stack for stack in gpu.stacks.values()):
                gate.violate("Context.detach while the context is pushed")
            owned = [block.kind for block in gpu.blocks.values() if block.context is self]
            owned += ["Stream" for stream in gpu.streams.values() if stream().context is self]
            if owned:
                gate.violate(f"Context.detach before {owned} were freed")
            self.valid = False
            gpu.retained -= 1

        def _mine(self, call: str) -> None:
            if not self.valid:
                raise LogicError(f"{call} failed: invalid device context - it was detached")
            if threading.get_ident() != self._thread:
                gate.violate(f"{call} by another thread than the one that retained the context")

    class Stream:
        @method("Stream")
        def __init__(self, flags: int = 0) -> None:
            self.context = gpu.needs_context("Stream")
            self.queue: List[Callable[[], None]] = []
            self.handle = 0x5000 + len(gate.calls)
            self._thread = threading.get_ident()
            gpu.streams[self.handle] = weakref.ref(self)

        @method("Stream.synchronize")
        def synchronize(self) -> None:
            gpu.needs_context("Stream.synchronize")
            queue, self.queue = self.queue, []
            for work in queue:
                work()

        def __del__(self) -> None:
            # A stream that could not be made has nothing to give back.
            if getattr(self, "handle", None) is None:
                return
            del gpu.streams[self.handle]
            gate.calls.append("~Stream")
            if self._thread != threading.get_ident() or not self.context.valid:
                gate.note("a stream was freed by another thread, or after its context")

    class DeviceAllocation:
        def __init__(self, nbytes: int) -> None:
            self._block = gpu.allocate("mem_alloc", nbytes)

        def __int__(self) -> int:
            return self._block.address

        __index__ = __int__

        @method("DeviceAllocation.free")
        def free(self) -> None:
            self._block.free("DeviceAllocation.free")

        def __del__(self) -> None:
            if "_block" in self.__dict__:
                self._block.dropped()

    class PagelockedHostAllocation:
        def __init__(self, shape: Tuple[int, ...], dtype: Any) -> None:
            kind = np.dtype(dtype)
            nbytes = int(np.prod(shape)) * kind.itemsize
            self._block = gpu.allocate("pagelocked_empty", nbytes)
            self.__array_interface__ = {
                **self._block.data.view(kind).reshape(shape).__array_interface__,
                "strides": None,
            }

        @method("PagelockedHostAllocation.free")
        def free(self) -> None:
            self._block.free("PagelockedHostAllocation.free")

        def __del__(self) -> None:
            if "_block" in self.__dict__:
                self._block.dropped()

    def pagelocked_empty(
        shape: Union[int, Tuple[int, ...]], dtype: Any, order: str = "C", mem_flags: int = 0
    ) -> npt.NDArray[Any]:
        wanted = (shape,) if isinstance(shape, int) else tuple(shape)
        return np.asarray(PagelockedHostAllocation(wanted, dtype))

    def pinned(array: Any, call: str) -> npt.NDArray[Any]:
        if not array.flags["C_CONTIGUOUS"]:
            gate.violate(f"{call}: the array is not contiguous")
        base = array
        while isinstance(base, np.ndarray):
            base = base.base
        if not isinstance(base, PagelockedHostAllocation):
            gate.violate(f"{call}: the array is not page-locked, or a copy of one that is")
        if base._block.address not in gpu.blocks:
            gate.violate(f"{call}: the page-locked memory was freed")
        checked: npt.NDArray[Any] = array
        return checked

    def queue(stream: Any, call: str, work: Callable[[], None]) -> None:
        gpu.needs_context(call)
        if stream is None:
            gate.violate(f"{call} on the default stream")
        stream.queue.append(work)

    def memcpy_htod_async(dest: Any, src: Any, stream: Any = None) -> None:
        def copy() -> None:
            source = pinned(src, "memcpy_htod_async")
            target = gpu.device_bytes(int(dest), source.nbytes, "memcpy_htod_async")
            target[:] = source.reshape(-1).view(np.uint8)

        queue(stream, "memcpy_htod_async", copy)

    def memcpy_dtoh_async(dest: Any, src: Any, stream: Any = None) -> None:
        def copy() -> None:
            target = pinned(dest, "memcpy_dtoh_async")
            target.reshape(-1).view(np.uint8)[:] = gpu.device_bytes(
                int(src), target.nbytes, "memcpy_dtoh_async"
            )

        queue(stream, "memcpy_dtoh_async", copy)

    def memcpy_htod(dest: Any, src: Any) -> None:
        gpu.needs_context("memcpy_htod")
        if not src.flags["C_CONTIGUOUS"]:
            gate.violate("memcpy_htod: the array is not contiguous")
        gpu.device_bytes(int(dest), src.nbytes, "memcpy_htod")[:] = src.reshape(-1).view(np.uint8)

    def mem_get_info() -> Tuple[int, int]:
        gpu.needs_context("mem_get_info")
        used = sum(len(block.data) for block in gpu.blocks.values())
        return gpu.total_memory - used, gpu.total_memory

    for kind in (Error, MemoryError, LogicError, LaunchError, RuntimeError):
        setattr(cuda, kind.__name__, kind)
    for kept in (Device, Context, Stream, DeviceAllocation, PagelockedHostAllocation):
        setattr(cuda, kept.__name__, kept)
    cuda.mem_alloc = gated("mem_alloc", DeviceAllocation)
    for function in (
        init,
        pagelocked_empty,
        memcpy_htod_async,
        memcpy_dtoh_async,
        memcpy_htod,
        mem_get_info,
    ):
        setattr(cuda, function.__name__, gated(function.__name__, function))
    module: ModuleType = cuda
    return module
