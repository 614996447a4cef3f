"""The pretended TensorRT that runs plans: runtime, engine and execution context."""

from __future__ import annotations

import functools
import weakref
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np
import numpy.typing as npt
import onnxruntime

from tests.fakes.tensorrt.names import Native, Stored, made
from tests.fakes.tensorrt.plan import Plan, Tensor, unpack

Arrays = Dict[str, npt.NDArray[Any]]

NUMPY = {
    "FLOAT": np.float32,
    "HALF": np.float16,
    "INT8": np.int8,
    "INT32": np.int32,
    "INT64": np.int64,
    "BOOL": np.bool_,
    "UINT8": np.uint8,
}


class Dims(tuple):  # type: ignore[type-arg]
    """A shape."""

    MAX_DIMS = 8


class Runtime(Native):
    _needs_context = True

    DLA_core = Stored(0)

    def __init__(self, logger: Any) -> None:
        logger._entered("Runtime")
        self._fake.logger = weakref.ref(logger)
        self._fake.gpu.needs_context("Runtime")
        answered, _ = self._fake.gate.enter("Runtime")
        self._logger = logger
        self._born()
        assert not answered, "a constructor can only raise"

    @property
    def num_DLA_cores(self) -> int:  # noqa: N802  # TensorRT's
        cores: int = self._fake.dla_cores
        return cores

    def deserialize_cuda_engine(self, serialized_engine: Any) -> Any:
        self._fake.gpu.needs_context("Runtime.deserialize_cuda_engine")
        plan, why = unpack(bytes(serialized_engine))
        if plan is not None and plan.version != self._fake.names.version:
            why = f"The engine plan file is not compatible with this version of TensorRT, was {plan.version}"
        elif plan is not None and plan.compute_capability != list(self._fake.gpu.compute_capability):
            why = "The engine plan file is generated on an incompatible device"
        if why or plan is None:
            self._logger.log(
                self._fake.trt.ILogger.ERROR, f"1: [runtime.cpp::parsePlan::314] Error Code 1: {why}"
            )
            return None
        if plan.dla_core is not None:
            self._fake.ran_on_dla.append(self.DLA_core)
        return made(self._fake.trt.ICudaEngine, runtime=self, plan=plan, logger=self._logger)


class ICudaEngine(Native):
    _needs_context = True
    _plan: Plan
    _logger: Any

    @property
    def num_io_tensors(self) -> int:
        return len(self._plan.tensors)

    @property
    def num_optimization_profiles(self) -> int:
        return 1

    def get_tensor_name(self, index: int) -> str:
        return self._plan.tensors[index].name

    def get_tensor_mode(self, name: str) -> Any:
        return getattr(self._fake.trt.TensorIOMode, self._tensor(name).mode)

    def get_tensor_dtype(self, name: str) -> Any:
        return getattr(self._fake.trt.DataType, self._tensor(name).dtype)

    def get_tensor_shape(self, name: str) -> Any:
        return self._fake.trt.Dims(self._tensor(name).shape)

    def get_tensor_profile_shape(self, name: str, profile_index: int) -> List[Any]:
        assert profile_index == 0
        return [self._fake.trt.Dims(shape) for shape in self._plan.profiles[name]]

    def create_execution_context(self) -> Any:
        self._fake.gpu.needs_context("ICudaEngine.create_execution_context")
        return made(self._fake.trt.IExecutionContext, engine=self, plan=self._plan, shapes={}, addresses={})

    def _tensor(self, name: str) -> Tensor:
        return tensor_of(self._plan, name)


class IExecutionContext(Native):
    _needs_context = True
    _engine: Any
    _plan: Plan
    _shapes: Dict[str, Tuple[int, ...]]
    _addresses: Dict[str, int]

    def set_input_shape(self, name: str, shape: Sequence[int]) -> bool:
        least, _, most = self._plan.profiles[name]
        if len(shape) != len(least) or not all(a <= b <= c for a, b, c in zip(least, shape, most)):
            self._complain(f"Given dimensions {list(shape)} not valid for profile: {least} to {most}")
            return False
        self._shapes[name] = tuple(shape)
        return True

    def get_tensor_shape(self, name: str) -> Any:
        if name in self._shapes:
            return self._fake.trt.Dims(self._shapes[name])
        (batch,) = {shape[0] for shape in self._shapes.values()} or {-1}
        declared = tensor_of(self._plan, name).shape
        return self._fake.trt.Dims([batch if size < 0 else size for size in declared])

    def set_tensor_address(self, name: str, memory: int) -> bool:
        if all(tensor.name != name for tensor in self._plan.tensors):
            self._complain(f"Given invalid tensor name: {name}")
            return False
        self._addresses[name] = int(memory)
        return True

    def execute_async_v3(self, stream_handle: int) -> bool:
        self._fake.gpu.needs_context("IExecutionContext.execute_async_v3")
        stream = self._fake.gpu.streams.get(stream_handle, lambda: None)()
        if stream is None:
            self._fake.gate.violate("execute_async_v3 on a stream that does not exist, or the default stream")
        for tensor in self._plan.tensors:
            if tensor.name not in self._addresses:
                self._complain(f"Address is not set for tensor {tensor.name}")
                return False
        if set(self._shapes) != set(self._plan.profiles):
            self._complain("Not all input shapes are specified")
            return False
        stream.queue.append(self._compute)
        return True

    def _compute(self) -> None:
        device = self._fake.gpu.device_bytes
        given = {}
        for tensor in self._plan.tensors:
            if tensor.mode == "INPUT":
                kind = np.dtype(NUMPY[tensor.dtype])
                shape = self._shapes[tensor.name]
                nbytes = int(np.prod(shape)) * kind.itemsize
                data = device(self._addresses[tensor.name], nbytes, "execute_async_v3")
                given[tensor.name] = data.view(kind).reshape(shape).copy()
        computed = self._fake.compute(self._plan, given)
        for tensor in self._plan.tensors:
            if tensor.mode == "OUTPUT":
                result = np.ascontiguousarray(computed[tensor.name].astype(NUMPY[tensor.dtype]))
                target = device(self._addresses[tensor.name], result.nbytes, "execute_async_v3")
                target[:] = result.reshape(-1).view(np.uint8)

    def _complain(self, message: str) -> None:
        self._engine._logger.log(
            self._fake.trt.ILogger.ERROR,
            f"3: [executionContext.cpp] Error Code 3: API Usage Error ({message})",
        )


def tensor_of(plan: Plan, name: str) -> Tensor:
    (found,) = (tensor for tensor in plan.tensors if tensor.name == name)
    return found


@functools.lru_cache(maxsize=4)
def session_of(onnx: bytes) -> Any:
    """ONNX Runtime's session of a model; raises whatever it raises."""
    return onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])


def run_onnx(plan: Plan, given: Arrays) -> Arrays:
    """What the plan's model computes, by ONNX Runtime; rounded to half precision where it was built so."""
    session = session_of(plan.onnx)
    types = {
        one.name: np.float16 if one.type == "tensor(float16)" else np.float32 for one in session.get_inputs()
    }
    names = [output.name for output in session.get_outputs()]
    results = session.run(names, {name: array.astype(types[name]) for name, array in given.items()})
    rounded = "FP16" in plan.flags
    return {name: result.astype(np.float16) if rounded else result for name, result in zip(names, results)}
