"""ONNX Runtime on the CPU: the backend of laptops, tests and devices without TensorRT."""

from __future__ import annotations

import os
from typing import Any, List, Optional

import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, RuntimeException

from agent.errors import BundleError, InferenceError
from agent.inference.backend import Result
from agent.inference.bundle import Bundle
from agent.vision.preprocess import Batch

_MOST_THREADS = 4


class OnnxRuntimeSession:
    """Implements agent.inference.backend.Session.

    `threads` defaults to the processors at hand, four at most: a small network gains nothing beyond, and
    decoding needs some. Threads do not spin between looks, for a daemon that looks five times a second would
    burn a core doing so. INT8 is computed without overflow on processors that lack VNNI, too, where ONNX
    Runtime would add in 16 bits if it were let.
    """

    backend = "onnxruntime"

    def __init__(self, bundle: Bundle, threads: Optional[int] = None) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or min(_MOST_THREADS, len(os.sched_getaffinity(0)))
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            session = (_precise if bundle.manifest.precision == "int8" else _loaded)(bundle, options)
        except Exception as error:  # ONNX Runtime's errors share no base class but Exception
            raise BundleError(f"{bundle.model}: ONNX Runtime cannot load it: {_first_line(error)}") from error
        _check(bundle, session)
        self.precision: str = bundle.manifest.precision
        self._session: Any = session
        self._input = bundle.manifest.input.name
        self._outputs = list(bundle.manifest.outputs)

    def infer(self, batch: Batch) -> Result:
        return self._run(batch, self._outputs[:1])[0]

    def infer_all(self, batch: Batch) -> List[Result]:
        return self._run(batch, self._outputs)

    def close(self) -> None:
        self._session = None

    def _run(self, batch: Batch, outputs: List[str]) -> List[Result]:
        if self._session is None:
            raise InferenceError("the session is closed")
        try:
            results: List[Result] = self._session.run(outputs, {self._input: batch})
        except Exception as error:  # see above
            raise InferenceError(
                f"ONNX Runtime failed on a batch of {len(batch)}: {_first_line(error)}"
            ) from error
        return results


def _loaded(bundle: Bundle, options: Any) -> Any:
    return onnxruntime.InferenceSession(str(bundle.model), options, providers=["CPUExecutionProvider"])


def _precise(bundle: Bundle, options: Any) -> Any:
    """Whose sums of INT8 products do not overflow; where layers share weights, which ONNX Runtime 1.32 cannot
    load so, computed in float32 with rounding between layers."""
    options.add_session_config_entry("session.x64quantprecision", "1")
    try:
        return _loaded(bundle, options)
    except (Fail, RuntimeException):
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        return _loaded(bundle, options)


def _check(bundle: Bundle, session: Any) -> None:
    """The file must be the network that the manifest describes."""
    given, expected = bundle.manifest.input, bundle.manifest
    inputs = {one.name: one for one in session.get_inputs()}
    outputs = {one.name: one for one in session.get_outputs()}
    if list(inputs) != [given.name]:
        raise BundleError(f"{bundle.model}: its inputs are {list(inputs)}, the manifest says {[given.name]}")
    if not set(expected.outputs) <= set(outputs):
        raise BundleError(
            f"{bundle.model}: its outputs are {list(outputs)}, the manifest says {list(expected.outputs)}"
        )
    if inputs[given.name].type != "tensor(float)":
        raise BundleError(f"{bundle.model}: its input is {inputs[given.name].type}, it must be tensor(float)")
    _shape(bundle, "input", inputs[given.name].shape, [3, given.height, given.width])
    _shape(bundle, "output", outputs[expected.output.name].shape, list(expected.row))
    if expected.output.heat is not None:
        found = outputs[expected.output.heat].shape
        if len(found) != 4 or found[1] != len(expected.labels):
            raise BundleError(
                f"{bundle.model}: its heat has shape {found}, it must be "
                f"{['N', len(expected.labels), 'rows', 'columns']}"
            )


def _shape(bundle: Bundle, which: str, found: List[Any], expected: List[int]) -> None:
    if len(found) != len(expected) + 1 or found[1:] != expected:
        raise BundleError(
            f"{bundle.model}: its {which} has shape {found}, the manifest says {['N', *expected]}"
        )
    if isinstance(found[0], int):
        raise BundleError(
            f"{bundle.model}: its {which} takes batches of {found[0]} only; export with a free one"
        )


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]
