"""A plan on the GPU: loaded, run and freed, all in the one thread that owns it."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import Any, Iterator, List, Optional

import numpy as np
import structlog

from agent.errors import BeffroiError, InferenceError
from agent.inference.backend import Result
from agent.inference.bundle import Bundle
from agent.inference.engines import Engine
from agent.inference.tensorrt.buffers import Buffer
from agent.inference.tensorrt.calls import Calls, Words
from agent.inference.tensorrt.owner import forget
from agent.inference.tensorrt.tensors import Tensors, read_tensors
from agent.vision.preprocess import Batch

log = structlog.get_logger(__name__)

_REFUSED = (
    "An engine runs only with the TensorRT and on the kind of GPU that built it: build it again "
    "(`beffroi engines build`); until then set fire.backend or faces.backend to onnxruntime"
)


class Runner:
    """`trt` and `cuda` are the modules tensorrt and pycuda.driver; `dla_core` is None for the GPU.

    Whatever is made is kept in attributes, never in locals that an exception could keep alive.
    """

    def __init__(self, trt: Any, cuda: Any, bundle: Bundle, dla_core: Optional[int]) -> None:
        self._trt, self._cuda, self._bundle, self._dla_core = trt, cuda, bundle, dla_core
        self._calls = Calls(cuda, f"TensorRT {trt.__version__}")
        self._made = ExitStack()
        self._gpu: Any = None
        self._runtime: Any = None
        self._engine: Any = None
        self._context: Any = None
        self._stream: Any = None
        self._tensors: Tensors
        self._input: Buffer
        self._outputs: List[Buffer] = []

    def open(self, engine: Engine) -> None:
        """Load the plan and run it once. Raises InferenceError and BundleError; nothing stays behind then."""
        calls, cuda = self._calls, self._cuda
        calls.done("cuda.init", cuda.init)
        self._gpu = calls.made("retain_primary_context", self._primary_context)
        try:
            with self._current():
                self._load(engine)
                self._allocate()
            shape = self._tensors.input.shape
            self.infer(np.zeros((1, *shape), np.float32))
        except BaseException as error:
            forget(error)
            self.close()
            raise

    def infer(self, batch: Batch) -> List[Result]:
        """What each output says of any number of pictures: more than the plan takes are run in pieces.

        Raises InferenceError.
        """
        tensors = self._tensors
        if batch.shape[1:] != tensors.input.shape:
            raise InferenceError(
                f"the batch has shape {batch.shape}, the engine takes {('N', *tensors.input.shape)}"
            )
        results = [np.empty((len(batch), *output.shape), np.float32) for output in tensors.outputs]
        with self._current():
            for start in range(0, len(batch), tensors.most):
                piece = batch[start : start + tensors.most]
                for result, answer in zip(results, self._run(piece)):
                    result[start : start + len(piece)] = answer
        return results

    def close(self) -> None:
        """Free everything, the last made first; what cannot be freed is logged. May be called twice."""
        if self._gpu is None:
            return
        steps = (
            ("Context.push", self._gpu.push),
            ("free", self._made.close),
            ("Context.pop", self._cuda.Context.pop),
            ("Context.detach", self._gpu.detach),
        )
        for call, step in steps:
            try:
                self._calls.done(call, step)
            except BeffroiError as error:
                forget(error)
                log.warning("an engine could not be freed", error=str(error))
        self._gpu = None

    def _primary_context(self) -> Any:
        return self._cuda.Device(0).retain_primary_context()

    @contextmanager
    def _current(self) -> Iterator[None]:
        """The context is this thread's meanwhile."""
        self._calls.done("Context.push", self._gpu.push)
        try:
            yield
        finally:
            self._calls.done("Context.pop", self._cuda.Context.pop)

    def _load(self, engine: Engine) -> None:
        calls, trt = self._calls, self._trt
        calls.words = Words(trt)
        self._made.callback(self._drop_words)
        calls.made("init_libnvinfer_plugins", trt.init_libnvinfer_plugins, calls.words.listener, "")
        self._made.callback(self._drop, "_runtime")
        self._runtime = calls.made("Runtime", trt.Runtime, calls.words.listener)
        if self._dla_core is not None:
            self._use_dla(self._dla_core)
        self._made.callback(self._drop, "_engine")
        self._engine = calls.made(
            "deserialize_cuda_engine", self._runtime.deserialize_cuda_engine, engine.plan, remedy=_REFUSED
        )
        self._tensors = calls.done("the look at the tensors", read_tensors, trt, self._engine, self._bundle)
        self._made.callback(self._drop, "_context")
        self._context = calls.made("create_execution_context", self._engine.create_execution_context)

    def _use_dla(self, core: int) -> None:
        cores = self._runtime.num_DLA_cores
        if core >= cores:
            raise InferenceError(
                f"there is no DLA core {core}, this device has {cores}: correct tensorrt.dla_core, or omit it"
            )
        self._runtime.DLA_core = core

    def _allocate(self) -> None:
        calls, tensors = self._calls, self._tensors
        # Not the default stream: TensorRT would wait for all others there.
        self._made.callback(self._drop, "_stream")
        self._stream = calls.made("Stream", self._cuda.Stream)
        self._made.callback(self._drop, "_input")
        self._input = Buffer(self._cuda, calls, tensors.input, tensors.most)
        self._made.callback(self._input.free)
        self._made.callback(self._outputs.clear)
        for tensor in tensors.outputs:
            self._outputs.append(Buffer(self._cuda, calls, tensor, tensors.most))
            self._made.callback(self._outputs[-1].free)
        for buffer in (self._input, *self._outputs):
            address = int(buffer.device)
            calls.made("set_tensor_address", self._context.set_tensor_address, buffer.tensor.name, address)

    def _run(self, piece: Batch) -> List[Any]:
        """One piece; the answers are the page-locked memory itself."""
        calls, context, count = self._calls, self._context, len(piece)
        self._input.host[:count] = piece
        calls.made("set_input_shape", context.set_input_shape, self._input.tensor.name, piece.shape)
        for output in self._outputs:
            expected = (count, *output.tensor.shape)
            found = tuple(calls.done("get_tensor_shape", context.get_tensor_shape, output.tensor.name))
            if found != expected:
                raise InferenceError(f"the engine would answer {found} to {count} pictures, not {expected}")
        try:
            self._input.send(count, self._stream)
            calls.made("execute_async_v3", context.execute_async_v3, self._stream.handle)
            for output in self._outputs:
                output.fetch(count, self._stream)
        finally:
            # Also after a failure: what is queued reads and writes memory that is used again.
            calls.done("Stream.synchronize", self._stream.synchronize)
        return [output.host[:count] for output in self._outputs]

    def _drop(self, attribute: str) -> None:
        """TensorRT and PyCUDA free what is theirs with its last reference."""
        setattr(self, attribute, None)

    def _drop_words(self) -> None:
        self._calls.words = None
