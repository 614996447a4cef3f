"""What goes in and out of a plan: names, shapes and types, held against the bundle's manifest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Tuple

import numpy as np
import numpy.typing as npt

from agent.errors import BundleError
from agent.inference.bundle import Bundle

# Not trt.nptype: that of 8.5 asks numpy for `np.bool`, which 1.24 no longer has.
_DTYPES = {
    "FLOAT": np.float32,
    "HALF": np.float16,
}


@dataclass(frozen=True)
class Tensor:
    """One side of a plan: `shape` is that of one picture, without the batch."""

    name: str
    shape: Tuple[int, ...]
    dtype: npt.DTypeLike


@dataclass(frozen=True)
class Tensors:
    """Both sides, the outputs in the order of the manifest, and the most pictures that one run takes."""

    input: Tensor
    outputs: Tuple[Tensor, ...]
    most: int


def read_tensors(trt: Any, engine: Any, bundle: Bundle) -> Tensors:
    """Those of an ICudaEngine. Raises BundleError where they are not what the manifest says."""
    names: Dict[str, List[str]] = {"INPUT": [], "OUTPUT": []}
    for number in range(engine.num_io_tensors):
        name = engine.get_tensor_name(number)
        names["INPUT" if engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT else "OUTPUT"].append(name)
    manifest = bundle.manifest
    given = manifest.input
    wanted = {"INPUT": [given.name], "OUTPUT": list(manifest.outputs)}
    if {side: sorted(there) for side, there in names.items()} != {
        side: sorted(there) for side, there in wanted.items()
    }:
        raise BundleError(_other(bundle, f"its tensors are {names}, the manifest says {wanted}"))
    least, _, most = engine.get_tensor_profile_shape(given.name, 0)
    if least[0] != 1:
        raise BundleError(
            _other(bundle, f"it takes batches of {least[0]} to {most[0]}, single pictures must fit")
        )
    taken = _tensor(trt, engine, bundle, given.name, (3, given.height, given.width))
    outputs = [_tensor(trt, engine, bundle, manifest.output.name, manifest.row)]
    if manifest.output.heat is not None:
        # How fine the map is the network says, not the manifest.
        places = tuple(engine.get_tensor_shape(manifest.output.heat))[2:4]
        shape = (len(manifest.labels), *places)
        outputs.append(_tensor(trt, engine, bundle, manifest.output.heat, shape))
    return Tensors(taken, tuple(outputs), int(most[0]))


def _tensor(trt: Any, engine: Any, bundle: Bundle, name: str, shape: Tuple[int, ...]) -> Tensor:
    found = tuple(engine.get_tensor_shape(name))
    if found[1:] != shape:
        raise BundleError(_other(bundle, f"{name!r} has shape {found}, the manifest says {('N', *shape)}"))
    return Tensor(name, shape, _dtype(trt, engine.get_tensor_dtype(name), bundle, name))


def _dtype(trt: Any, kind: Any, bundle: Bundle, name: str) -> npt.DTypeLike:
    for known, dtype in _DTYPES.items():
        if kind == getattr(trt.DataType, known):
            return dtype
    raise BundleError(_other(bundle, f"{name!r} is of type {kind}, it must be one of {', '.join(_DTYPES)}"))


def _other(bundle: Bundle, what: str) -> str:
    return f"the engine is not that of {bundle.folder}: {what}. Build it again: `beffroi engines build`"
