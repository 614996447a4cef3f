"""Which builder flags give the wanted precision on the TensorRT at hand, or why it cannot be had there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Tuple

from agent.engines.key import Recipe
from agent.errors import EngineError
from agent.inference.manifest import Manifest

_TYPED = (
    "this TensorRT ({version}) takes every type from the model and has no switch for {precision}: name a "
    "bundle whose manifest says {precision}, or set the precision to {instead}"
)


@dataclass(frozen=True)
class Precision:
    """`flags` are names of BuilderFlag; `calibrate` asks for calibration pictures."""

    flags: Tuple[str, ...] = ()
    calibrate: bool = False


def settle(trt: Any, manifest: Manifest, recipe: Recipe) -> Precision:
    """How to build a bundle of this manifest by this recipe. Raises EngineError with the remedy.

    A quantised bundle (Q/DQ) comes out as int8 and a half-precision one as fp16, whatever is wanted; the
    recipe speaks for what the bundle leaves open.
    """
    if manifest.precision == "int8":
        return _quantised(trt, recipe)
    if manifest.precision == "fp16":
        return Precision(_present(trt, "FP16"))
    if recipe.precision == "fp32" and recipe.dla_core is not None:
        raise EngineError(
            "a DLA computes in fp16 or int8 only: set the precision to one of them, or no DLA core"
        )
    if recipe.precision == "fp32":
        return Precision()
    if recipe.precision == "fp16":
        return Precision(_needed(trt, "FP16", recipe.precision, "fp32"))
    flags = _needed(trt, "INT8", recipe.precision, "fp32") + _present(trt, "FP16")
    if not hasattr(trt, "IInt8EntropyCalibrator2"):
        raise EngineError(_TYPED.format(version=trt.__version__, precision="int8", instead="fp32"))
    return Precision(flags, calibrate=True)


def _quantised(trt: Any, recipe: Recipe) -> Precision:
    if recipe.dla_core is not None:
        raise EngineError(
            "a DLA takes no quantised (Q/DQ) bundle: name the fp32 bundle with precision int8, which is then "
            "calibrated on this device, or set no DLA core"
        )
    rest = _present(trt, "FP16") if recipe.precision == "fp16" else ()
    return Precision(_present(trt, "INT8") + rest)


def _present(trt: Any, flag: str) -> Tuple[str, ...]:
    return (flag,) if hasattr(trt.BuilderFlag, flag) else ()


def _needed(trt: Any, flag: str, precision: str, instead: str) -> Tuple[str, ...]:
    if not hasattr(trt.BuilderFlag, flag):
        raise EngineError(_TYPED.format(version=trt.__version__, precision=precision, instead=instead))
    return (flag,)
