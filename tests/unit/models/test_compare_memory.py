from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from agent.device.root import Root
from agent.inference.bundle import Bundle, load_bundle
from models.compare_memory import _peak, growth, peak_memory
from models.data import DataError
from tests.fakes.bundles import colour_bundle, finished, manifest, write_bundle

MB = 1_000_000


def heavy_bundle(folder: Path) -> Bundle:
    """Its one layer has 48 MB of weights."""
    weights = np.zeros((3 * 32 * 32, 3900), np.float32)
    last = np.zeros((3900, 3), np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["pictures"], ["row"]),
            helper.make_node("MatMul", ["row", "weights"], ["many"]),
            helper.make_node("MatMul", ["many", "last"], ["logits"]),
        ],
        "heavy",
        [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 3, 32, 32])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 3])],
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(last, "last")],
    )
    return load_bundle(str(write_bundle(folder, finished(graph), manifest())))


def test_weights_show_and_what_this_process_holds_does_not(tmp_path: Path) -> None:
    ballast = np.ones(60 * MB, np.uint8)
    light = peak_memory(load_bundle(str(colour_bundle(tmp_path / "light"))), 1)
    heavy = peak_memory(heavy_bundle(tmp_path / "heavy"), 1)
    assert ballast.any()
    assert 0 < light < 40 * MB
    assert heavy > light + 40 * MB


def test_the_growth_of_this_process_is_never_negative(tmp_path: Path) -> None:
    assert growth(load_bundle(str(colour_bundle(tmp_path / "light")))) >= 0


def test_a_process_that_fails_is_told(tmp_path: Path) -> None:
    bundle = load_bundle(str(colour_bundle(tmp_path / "colour")))
    bundle.model.write_bytes(b"no network")
    with pytest.raises(DataError, match=r"its memory cannot be measured: .*is not the model"):
        peak_memory(bundle)


def test_without_linux_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="memory is measured on Linux"):
        _peak(Root(tmp_path))
