"""The pretended TensorRT that builds: parser, network, configuration, builder."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any, ClassVar, Dict, List, Optional, Sequence, Tuple

from tests.fakes.tensorrt.names import Native, Stored, made
from tests.fakes.tensorrt.plan import Plan, Tensor
from tests.fakes.tensorrt.runtime import session_of

DTYPES = {
    "tensor(float)": "FLOAT",
    "tensor(float16)": "HALF",
    "tensor(int8)": "INT8",
    "tensor(int32)": "INT32",
}


@dataclass(frozen=True)
class Complaint:
    """One error of the parser; `node` is its index in the model, or -1."""

    desc: str
    node: int = -1
    node_name: str = ""
    node_operator: str = ""


class ITensor(Native):
    name = Stored("")
    dtype = Stored(None)
    shape = Stored(None)


class INetworkDefinition(Native):
    _inputs: List[Any]
    _outputs: List[Any]
    _onnx: bytes
    _explicit: bool
    _parser: Any

    name = Stored("Unnamed Network 0")

    @property
    def num_inputs(self) -> int:
        return len(self._inputs)

    @property
    def num_outputs(self) -> int:
        return len(self._outputs)

    def get_input(self, index: int) -> Any:
        return self._inputs[index]

    def get_output(self, index: int) -> Any:
        return self._outputs[index]


class ParserError(Native):
    _complaint: Complaint

    def code(self) -> Any:
        return 8

    def desc(self) -> str:
        return self._complaint.desc

    def file(self) -> str:
        return "ModelImporter.cpp"

    def func(self) -> str:
        return "parseNode"

    def line(self) -> int:
        return 732

    def node(self) -> int:
        return self._complaint.node

    def node_name(self) -> str:
        return self._complaint.node_name

    def node_operator(self) -> str:
        return self._complaint.node_operator


class OnnxParser(Native):
    def __init__(self, network: Any, logger: Any) -> None:
        logger._entered("OnnxParser")
        network._entered("OnnxParser")
        self._network, self._logger = network, logger
        self._errors: List[Complaint] = []
        self._born()
        object.__setattr__(network, "_parser", weakref.ref(self))

    @property
    def num_errors(self) -> int:
        return len(self._errors)

    def get_error(self, index: int) -> Any:
        return made(self._fake.trt.ParserError, complaint=self._errors[index])

    def clear_errors(self) -> None:
        self._errors = []

    def parse(self, model: bytes, path: Optional[str] = None) -> bool:
        self._errors = list(self._fake.refusals) or self._fill(model)
        for error in self._errors:
            self._logger.log(self._fake.trt.ILogger.ERROR, error.desc)
        return not self._errors

    def _fill(self, model: bytes) -> List[Complaint]:
        if not self._network._explicit:
            return [Complaint("This version of the ONNX parser only supports an explicit batch dimension")]
        try:
            session = session_of(bytes(model))
        except Exception as error:  # noqa: BLE001  # ONNX Runtime's errors share no other base
            return [Complaint(f"Failed to parse ONNX model: {str(error).splitlines()[0]}")]
        self._network._inputs.extend(map(self._tensor, session.get_inputs()))
        self._network._outputs.extend(map(self._tensor, session.get_outputs()))
        object.__setattr__(self._network, "_onnx", bytes(model))
        return []

    def _tensor(self, given: Any) -> Any:
        tensor = made(self._fake.trt.ITensor)
        tensor.name = given.name
        tensor.dtype = getattr(self._fake.trt.DataType, DTYPES[given.type])
        tensor.shape = self._fake.trt.Dims(size if isinstance(size, int) else -1 for size in given.shape)
        return tensor


class IOptimizationProfile(Native):
    _ranges: Dict[str, List[List[int]]]

    def set_shape(self, input: str, min: Sequence[int], opt: Sequence[int], max: Sequence[int]) -> None:
        self._ranges[input] = [list(min), list(opt), list(max)]

    def get_shape(self, input: str) -> List[Any]:
        return [self._fake.trt.Dims(shape) for shape in self._ranges[input]]


class IHostMemory(Native):
    _data: bytes

    @property
    def nbytes(self) -> int:
        return len(self._data)

    def __bytes__(self) -> bytes:
        return self._data


class ITimingCache(Native):
    _data: bytes

    def serialize(self) -> Any:
        return made(self._fake.trt.IHostMemory, data=self._data)


class IBuilderConfig(Native):
    _flags: Dict[int, str]
    _pools: Dict[int, int]
    _profiles: List[Any]
    _timing: Any

    default_device_type = Stored(None)
    DLA_core = Stored(-1)
    int8_calibrator = Stored(None)
    progress_monitor = Stored(None)

    def set_flag(self, flag: Any) -> None:
        self._flags[int(flag)] = flag.name

    def get_flag(self, flag: Any) -> bool:
        return int(flag) in self._flags

    def clear_flag(self, flag: Any) -> None:
        self._flags.pop(int(flag), None)

    def set_memory_pool_limit(self, pool: Any, pool_size: int) -> None:
        self._pools[int(pool)] = pool_size

    def get_memory_pool_limit(self, pool: Any) -> int:
        return self._pools.get(int(pool), self._fake.gpu.total_memory)

    @property
    def num_optimization_profiles(self) -> int:
        return len(self._profiles)

    def add_optimization_profile(self, profile: Any) -> int:
        ordered = all(a <= b <= c for shapes in profile._ranges.values() for a, b, c in zip(*shapes))
        if not profile._ranges or not ordered:
            return -1
        self._profiles.append(profile)
        return len(self._profiles) - 1

    def set_calibration_profile(self, profile: Any) -> bool:
        return profile in self._profiles

    def create_timing_cache(self, serialized_timing_cache: bytes) -> Any:
        data = bytes(serialized_timing_cache)
        if data and not data.startswith(b"timing "):
            return None
        return made(self._fake.trt.ITimingCache, data=data)

    def set_timing_cache(self, cache: Any, ignore_mismatch: bool) -> bool:
        if cache._data and cache._data != self._measured() and not ignore_mismatch:
            return False
        self._timing = cache
        return True

    def get_timing_cache(self) -> Any:
        if self._timing is None:
            return None
        return made(self._fake.trt.ITimingCache, data=self._measured())

    def _measured(self) -> bytes:
        return f"timing {self._fake.names.version} {self._fake.gpu.compute_capability}".encode()


class Builder(Native):
    def __init__(self, logger: Any) -> None:
        logger._entered("Builder")
        self._fake.logger = weakref.ref(logger)
        self._fake.gate.enter("Builder")
        self._logger = logger
        self._born()

    @property
    def num_DLA_cores(self) -> int:  # noqa: N802  # TensorRT's
        cores: int = self._fake.dla_cores
        return cores

    @property
    def platform_has_fast_fp16(self) -> bool:
        return True

    @property
    def platform_has_fast_int8(self) -> bool:
        return True

    def create_network(self, flags: int = 0) -> Any:
        kinds = self._fake.trt.NetworkDefinitionCreationFlag
        known = sum(1 << int(member) for member in kinds.__members__.values())
        if flags & ~known:
            self._complain(f"Error Code 3: unknown network creation flags {flags:#x}")
            return None
        needed = self._fake.names.version.startswith("8.")
        explicit = not needed or bool(flags & 1 << int(kinds.EXPLICIT_BATCH))
        return made(
            self._fake.trt.INetworkDefinition,
            inputs=[],
            outputs=[],
            onnx=b"",
            explicit=explicit,
            parser=lambda: None,
        )

    def create_builder_config(self) -> Any:
        return made(self._fake.trt.IBuilderConfig, flags={}, pools={}, profiles=[], timing=None)

    def create_optimization_profile(self) -> Any:
        return made(self._fake.trt.IOptimizationProfile, ranges={})

    def build_serialized_network(self, network: Any, config: Any) -> Any:
        if network._parser() is None:
            self._fake.gate.violate(
                "the parser was freed before the build: the network points to its weights"
            )
        ranges = self._ranges(network, config)
        if ranges is None or not self._settled(network, config) or not self._told(config):
            return None
        plan = Plan(
            self._fake.names.version,
            list(self._fake.gpu.compute_capability),
            network._onnx,
            [self._tensor(one, "INPUT") for one in network._inputs]
            + [self._tensor(one, "OUTPUT") for one in network._outputs],
            ranges,
            sorted(config._flags.values()),
            config.DLA_core if config.DLA_core >= 0 else None,
            self._calibrated(network, config),
        )
        return made(self._fake.trt.IHostMemory, data=plan.pack())

    def _ranges(self, network: Any, config: Any) -> Optional[Dict[str, List[List[int]]]]:
        found = {}
        for tensor in network._inputs:
            shape = list(tensor.shape)
            if -1 not in shape:
                found[tensor.name] = [shape] * 3
            elif not config._profiles or tensor.name not in config._profiles[0]._ranges:
                self._complain(
                    "Error Code 4: Internal Error (Network has dynamic or shape inputs, but no optimization "
                    "profile has been defined.)"
                )
                return None
            else:
                found[tensor.name] = config._profiles[0]._ranges[tensor.name]
        return found

    def _settled(self, network: Any, config: Any) -> bool:
        quantised = b"QuantizeLinear" in network._onnx
        calibrator = getattr(config, "int8_calibrator", None)
        if "INT8" in config._flags.values() and not quantised and calibrator is None:
            self._complain("Error Code 4: Calibration failure occurred with no scaling factors detected.")
            return False
        if config.DLA_core >= self._fake.dla_cores:
            self._complain(f"Error Code 3: DLA core {config.DLA_core} is not available")
            return False
        return True

    def _told(self, config: Any) -> bool:
        """Tell a progress monitor, which may stop the build."""
        monitor = getattr(config, "progress_monitor", None)
        if monitor is None:
            return True
        monitor._entered("IProgressMonitor")
        monitor.phase_start("Building", None, 2)
        monitor.phase_start("Tactics", "Building", 2)
        going = all([monitor.step_complete("Tactics", 0), monitor.step_complete("Tactics", 1)])
        monitor.phase_finish("Tactics")
        monitor.phase_finish("Building")
        return going

    def _calibrated(self, network: Any, config: Any) -> str:
        """Ask a calibrator for its ranges, or for all its batches."""
        calibrator = getattr(config, "int8_calibrator", None)
        if calibrator is None or "INT8" not in config._flags.values():
            return ""
        calibrator._entered("calibrator")
        cached = calibrator.read_calibration_cache()
        if cached:
            return bytes(cached).decode()
        names, count = [tensor.name for tensor in network._inputs], 0
        while True:
            addresses = calibrator.get_batch(names)
            if addresses is None:
                break
            for address in addresses:
                self._fake.gpu.device_bytes(address, 1, "get_batch")
            count += calibrator.get_batch_size()
        ranges = f"ranges of {count} pictures"
        calibrator.write_calibration_cache(ranges.encode())
        return ranges

    def _tensor(self, tensor: Any, mode: str) -> Tensor:
        return Tensor(tensor.name, mode, tensor.dtype.name, list(tensor.shape))

    def _complain(self, message: str) -> None:
        self._logger.log(self._fake.trt.ILogger.ERROR, message)


class ILogger(Native):
    """To be derived from; `log` is called in the thread that causes it."""

    def __init__(self) -> None:
        self._born()

    def log(self, severity: Any, msg: str) -> None:
        raise NotImplementedError('Tried to call pure virtual function "ILogger::log"')


class Logger(Native):
    """Prints, in the real one."""

    printed: ClassVar[List[Tuple[Any, str]]]

    min_severity = Stored(None)

    def __init__(self, min_severity: Any = None) -> None:
        self._born()
        self.min_severity = min_severity

    def log(self, severity: Any, msg: str) -> None:
        self._fake.printed.append(msg)


class IProgressMonitor(Native):
    """To be derived from."""

    def __init__(self) -> None:
        self._born()


class IInt8EntropyCalibrator2(Native):
    """To be derived from."""

    def __init__(self) -> None:
        self._born()


class IInt8MinMaxCalibrator(IInt8EntropyCalibrator2):
    """To be derived from."""
