"""A plan from a bundle: one way for TensorRT 8.5, 10 and 11, which differ in what they still need.

The module `tensorrt` is an argument, so that any version, TensorRT for RTX and the tests' fake run this code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Optional

from agent.engines.complaints import complaints, loud, remedy
from agent.engines.key import Recipe
from agent.engines.precision import settle
from agent.engines.progress import BUILDING, Progress, monitor, silent
from agent.errors import EngineError
from agent.inference.bundle import Bundle
from agent.inference.tensorrt.listener import listener

_MIB = 1 << 20


@dataclass(frozen=True)
class Plan:
    """What TensorRT built, and what it measured on the way; empty where this version does not tell."""

    data: bytes
    timing_cache: bytes


def build_plan(
    trt: Any,
    bundle: Bundle,
    recipe: Recipe,
    *,
    timing_cache: bytes = b"",
    calibrator: Any = None,
    progress: Progress = silent,
) -> Plan:
    """Build it, which takes minutes on a Jetson. Raises EngineError, with layer and remedy where the model is
    at fault.

    `calibrator` is needed where `settle` asks for one.
    """
    precision = settle(trt, bundle.manifest, recipe)
    errors: List[str] = []
    ear = listener(trt, errors.append)
    progress("reading the model", None)
    trt.init_libnvinfer_plugins(ear, "")
    builder = trt.Builder(ear)
    network = builder.create_network(_creation_flags(trt))
    parser = trt.OnnxParser(network, ear)
    model = bundle.model.read_bytes()
    if not parser.parse(model):
        raise EngineError(
            f"{bundle.model}: TensorRT {trt.__version__} refuses it:\n{complaints(parser, model)}"
        )

    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, recipe.workspace_mb * _MIB)
    for flag in precision.flags:
        config.set_flag(getattr(trt.BuilderFlag, flag))
    profile = _add_profile(builder, config, bundle, recipe)
    if precision.calibrate:
        config.int8_calibrator = calibrator
        _accepted(config.set_calibration_profile(profile), "the calibration profile")
    if recipe.dla_core is not None:
        _use_dla(trt, builder, config, recipe.dla_core)
    _load_timing(config, timing_cache)
    watcher = monitor(trt, progress)
    if watcher is not None:
        config.progress_monitor = watcher
    progress(BUILDING, None)
    plan = builder.build_serialized_network(network, config)
    # The parser owns weights that the network points to: it must live until here.
    del parser
    if plan is None:
        raise EngineError(_failed(trt, bundle, errors))
    return Plan(bytes(plan), _measured(config))


def _creation_flags(trt: Any) -> int:
    """Needed on 8.5, ignored on 10, gone in 11, where every network is what 8.5 called explicit."""
    flags = trt.NetworkDefinitionCreationFlag
    return 1 << int(flags.EXPLICIT_BATCH) if hasattr(flags, "EXPLICIT_BATCH") else 0


def _add_profile(builder: Any, config: Any, bundle: Bundle, recipe: Recipe) -> Any:
    """The batch is free in the model: the profile says which sizes the plan must take, and suit best."""
    given = bundle.manifest.input
    profile = builder.create_optimization_profile()
    least, best, most = ((batch, 3, given.height, given.width) for batch in recipe.batches)
    profile.set_shape(given.name, least, best, most)
    if config.add_optimization_profile(profile) < 0:
        raise EngineError(f"{bundle.model}: TensorRT refuses batches of {recipe.batches} for {given.name!r}")
    return profile


def _use_dla(trt: Any, builder: Any, config: Any, core: int) -> None:
    if core >= builder.num_DLA_cores:
        raise EngineError(
            f"there is no DLA core {core}: this device has {builder.num_DLA_cores}; set another, or none"
        )
    config.default_device_type = trt.DeviceType.DLA
    config.DLA_core = core
    # What a DLA cannot compute runs on the GPU instead of failing the build.
    config.set_flag(trt.BuilderFlag.GPU_FALLBACK)


def _load_timing(config: Any, data: bytes) -> None:
    """One that was damaged or belongs to another device is no reason not to build, only to measure anew."""
    cache = config.create_timing_cache(data)
    if cache is None or not config.set_timing_cache(cache, False):
        config.set_timing_cache(config.create_timing_cache(b""), False)


def _measured(config: Any) -> bytes:
    cache = config.get_timing_cache()
    data: Optional[Any] = None if cache is None else cache.serialize()
    return b"" if data is None else bytes(data)


def _accepted(done: bool, what: str) -> None:
    if not done:
        raise EngineError(f"TensorRT refuses {what}")


def _failed(trt: Any, bundle: Bundle, errors: List[str]) -> str:
    why = loud(iter(errors)) or "it gives no reason"
    tight = any(word in why.lower() for word in ("memory", "allocat", "workspace"))
    advice = "close other programs, or give the builder another workspace" if tight else remedy(why)
    return f"{bundle.model}: TensorRT {trt.__version__} cannot build it: {why}. Remedy: {advice}"
