"""The converter of YuNet, and the verb that starts converters."""

from __future__ import annotations

from pathlib import Path
from typing import List

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from agent.errors import BundleError
from agent.inference.bundle import load_bundle, sha256_of
from agent.inference.onnxruntime import OnnxRuntimeSession
from models.convert import CONVERTERS, convert
from models.convert.yunet import PARTS, convert_yunet
from tests.fakes.bundles import finished

SOURCE = Path(__file__).parents[4] / "shared" / "weights" / "yunet.onnx"


def network(outputs: int = 12) -> onnx.ModelProto:
    """As many outputs as YuNet has, each of which says of a cell the mean of its pixels."""
    names = [f"{part}_{stride}" for stride in (8, 16, 32) for part in PARTS][:outputs]
    nodes: List[onnx.NodeProto] = []
    for name in names:
        stride, count = int(name.split("_")[1]), PARTS[name.split("_")[0]]
        window = [stride, stride]
        nodes += [
            helper.make_node(
                "AveragePool", ["input"], [f"{name}_pooled"], kernel_shape=window, strides=window
            ),
            helper.make_node("Conv", [f"{name}_pooled", f"weights_{count}"], [f"{name}_planes"]),
            helper.make_node("Transpose", [f"{name}_planes"], [f"{name}_last"], perm=[0, 2, 3, 1]),
            helper.make_node("Reshape", [f"{name}_last", f"shape_{count}"], [name]),
        ]
    counts = sorted(set(PARTS.values()))
    return finished(
        helper.make_graph(
            nodes,
            "pools",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 3, "height", "width"])],
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", None, PARTS[name.split("_")[0]]])
                for name in names
            ],
            [
                helper.make_tensor(f"weights_{n}", TensorProto.FLOAT, [n, 3, 1, 1], [1.0] * 3 * n)
                for n in counts
            ]
            + [helper.make_tensor(f"shape_{n}", TensorProto.INT64, [3], [0, -1, n]) for n in counts],
        )
    )


def test_twelve_outputs_become_one(tmp_path: Path) -> None:
    source, to = tmp_path / "net.onnx", tmp_path / "yunet"
    onnx.save(network(), str(source))
    convert("yunet", source, to)
    bundle = load_bundle(str(to), "face-detection")
    assert bundle.manifest.parent is not None
    assert sha256_of(source) in bundle.manifest.parent
    batch = np.random.default_rng(1).uniform(0, 255, (2, 3, 640, 640)).astype(np.float32)
    (eight,) = onnxruntime.InferenceSession(str(source)).run(["kps_8"], {"input": batch})
    found = OnnxRuntimeSession(bundle, 1).infer(batch)
    assert found.shape == (2, *bundle.manifest.row)
    assert found[:, :6400, 6:] == pytest.approx(eight, rel=1e-5)


@pytest.mark.skipif(
    not SOURCE.is_file(), reason="no published weights beside the checkout (../shared/weights)"
)
@pytest.mark.parametrize("name", ["yunet", "yunet-wide", "yunet-portrait"])
def test_the_bundles_that_ship_are_what_the_converter_makes(tmp_path: Path, name: str) -> None:
    convert(name, SOURCE, tmp_path)
    shipped = load_bundle(name)
    size = shipped.manifest.input.height, shipped.manifest.input.width
    batch = np.random.default_rng(1).uniform(0, 255, (1, 3, *size)).astype(np.float32)
    made = OnnxRuntimeSession(load_bundle(str(tmp_path)), 1).infer(batch)
    assert made == pytest.approx(OnnxRuntimeSession(shipped, 1).infer(batch), abs=1e-5)
    assert load_bundle(str(tmp_path)).manifest.input == shipped.manifest.input
    assert load_bundle(str(tmp_path)).manifest.thresholds == shipped.manifest.thresholds


def test_another_network_is_refused(tmp_path: Path) -> None:
    onnx.save(network(11), str(tmp_path / "net.onnx"))
    with pytest.raises(BundleError, match="this is not YuNet: its outputs are"):
        convert_yunet(tmp_path / "net.onnx", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("data", [b"no network", b""])
def test_a_damaged_file_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "net.onnx").write_bytes(data)
    with pytest.raises(BundleError, match=r"net\.onnx"):
        convert_yunet(tmp_path / "net.onnx", tmp_path / "out")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"none\.onnx cannot be read"):
        convert_yunet(tmp_path / "none.onnx", tmp_path / "out")


def test_yunet_comes_in_no_package() -> None:
    with pytest.raises(BundleError, match="name YuNet's ONNX file"):
        convert("yunet", None, None)


def test_an_unknown_name_lists_the_converters() -> None:
    with pytest.raises(BundleError, match=", ".join(CONVERTERS)):
        convert("riddle", None, None)
