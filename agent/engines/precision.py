"""Which precision comes out of a recipe on the TensorRT at hand, by which builder flags, or why none can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Tuple

from agent.engines.key import Recipe
from agent.errors import EngineError
from agent.inference.manifest import Manifest


@dataclass(frozen=True)
class Precision:
    """`comes_out` is fp32, fp16 or int8; `flags` are names of BuilderFlag; `calibrate` asks for calibration
    pictures; `note` says where something else was wanted."""

    comes_out: str
    flags: Tuple[str, ...] = ()
    calibrate: bool = False
    note: str = ""


def settle(trt: Any, manifest: Manifest, recipe: Recipe) -> Precision:
    """How to build a bundle of this manifest by this recipe. Raises EngineError with the remedy.

    A quantised bundle (Q/DQ) comes out as int8 and a half-precision one as fp16, whatever is wanted; the
    recipe speaks for what the bundle leaves open. TensorRT 11 takes every type from the model: there an fp32
    bundle comes out as fp32 where fp16 was wanted, and the note says so.
    """
    if manifest.precision == "int8":
        return _quantised(trt, recipe)
    if manifest.precision == "fp16":
        return Precision("fp16", _present(trt, "FP16"))
    if recipe.precision == "int8":
        return _calibrated(trt)
    if recipe.precision == "fp16" and _present(trt, "FP16"):
        return Precision("fp16", ("FP16",))
    if recipe.dla_core is not None:
        raise EngineError(
            "a DLA computes in fp16 or int8 only: set one of them as precision, or no DLA core. TensorRT 11 "
            "has neither for an fp32 bundle"
        )
    if recipe.precision == "fp16":
        note = (
            f"fp16 was wanted, but TensorRT {trt.__version__} takes every type from the model: it is fp32. "
            "For fp16 name a bundle whose manifest says fp16"
        )
        return Precision("fp32", note=note)
    return Precision("fp32")


def _quantised(trt: Any, recipe: Recipe) -> Precision:
    if recipe.dla_core is not None:
        raise EngineError(
            "a DLA takes no quantised (Q/DQ) bundle: name the fp32 bundle with precision int8, which is then "
            "calibrated on this device, or set no DLA core"
        )
    rest = _present(trt, "FP16") if recipe.precision == "fp16" else ()
    return Precision("int8", _present(trt, "INT8") + rest)


def _calibrated(trt: Any) -> Precision:
    if not (_present(trt, "INT8") and hasattr(trt, "IInt8EntropyCalibrator2")):
        raise EngineError(
            f"TensorRT {trt.__version__} takes every type from the model and calibrates none: for int8 name "
            "a quantised (Q/DQ) bundle, whose manifest says int8, or set another precision"
        )
    return Precision("int8", ("INT8", *_present(trt, "FP16")), calibrate=True)


def _present(trt: Any, flag: str) -> Tuple[str, ...]:
    return (flag,) if hasattr(trt.BuilderFlag, flag) else ()
