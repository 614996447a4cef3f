"""Give a classifier a second output that says where in the picture it sees each label."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from typing import Any, Dict, List, Tuple, Union

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import typer
from onnx import TensorProto, helper, numpy_helper, shape_inference

from agent.inference.bundle import MANIFEST, MODEL, Bundle, load_bundle, sha256_of
from agent.inference.manifest import Manifest
from models.data import DataError

log = logging.getLogger("models.activation")

HEAT = "heat"
TOLERANCE = 1e-6
"""By which the output that was there before may differ."""

_PAPERS = ("LICENSE", "MODEL_CARD.md")
_FLAT = ("Flatten", "Reshape", "Squeeze", "Identity", "Dropout")
_NOTE = """- **Where**: a second output, `{heat}`, {labels} x {rows} x {columns}: what the last layer
  says at each place of the last feature map (class-activation map, Zhou et al. 2016). Its mean over all
  places plus the bias is the logit.
"""


def activation(
    bundle: str = typer.Argument(..., help="A fire bundle: the name of an installed one, or a folder."),
    out: Path = typer.Option(..., "--out", help="The new bundle's folder, which may be BUNDLE's own."),
) -> None:
    """Let BUNDLE say where it sees what it sees: with a map of each label as a second output.

    What it said before it says as before. The agent boxes the hottest place of a picture that burns.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    loaded = load_bundle(bundle, "fire-classification")
    missing = [name for name in _PAPERS if not (loaded.folder / name).is_file()]
    if missing:
        raise DataError(f"{bundle} has no {missing[0]}: name a bundle that `export` made")
    before = loaded.model.read_bytes()
    model = add_heat(onnx.load_from_string(before), loaded.manifest.output.name)
    difference = _difference(loaded.manifest, before, model.SerializeToString())
    if difference > TOLERANCE:
        raise DataError(f"with the map {bundle} says other numbers, by {difference:.2g}: it stays as it is")
    out.mkdir(parents=True, exist_ok=True)
    _write(loaded, model, out)
    log.info("%s: what it said before differs by %.2g", out, difference)


def add_heat(model: onnx.ModelProto, output: str) -> onnx.ModelProto:
    """Add the output `heat`, N x labels x h x w float32, to a classifier whose `output` is a linear layer on
    the mean over all places of a feature map (N x channels x h x w); changes `model`, and leaves what
    `output` says as it is.

    The heat is that layer, without its bias, at each place: a class-activation map (Zhou et al. 2016,
    "Learning Deep Features for Discriminative Localization"). As all of it is linear, the mean of the heat
    plus the bias is what the layer says of the picture. It is a 1 x 1 convolution, which every parser knows,
    with a copy of the layer's weights, for not every parser reshapes weights.

    Raises DataError where the network is not built so.
    """
    graph = model.graph
    if HEAT in {one.name for one in graph.output}:
        raise DataError(f"the network has an output {HEAT!r} already")
    weights, features = _last_layer(graph, output)
    labels = len(weights)
    batch, rows, columns = _places(model, features)
    kernel = np.ascontiguousarray(weights[:, :, None, None])
    graph.initializer.append(numpy_helper.from_array(kernel, f"{HEAT}.weight"))
    conv = helper.make_node(
        *("Conv", [features, f"{HEAT}.weight"], [HEAT], f"/{HEAT}/Conv"), kernel_shape=[1, 1]
    )
    graph.node.append(conv)
    shape: List[Union[str, int]] = [batch, labels, rows, columns]
    graph.output.append(helper.make_tensor_value_info(HEAT, TensorProto.FLOAT, shape))
    onnx.checker.check_model(model)
    return model


def _last_layer(graph: Any, output: str) -> Tuple[npt.NDArray[np.float32], str]:
    """The weights of the layer that makes `output` (labels x channels), and the feature map whose mean it
    takes."""
    made_by = {name: node for node in graph.node for name in node.output}
    constants = {one.name: one for one in graph.initializer}
    linear = made_by[output]
    if linear.op_type != "Gemm":
        raise _strange(f"{output!r} is made by {linear.op_type}, not by a linear layer")
    stored = linear.input[1]
    if stored in made_by and made_by[stored].op_type == "Cast":  # see models.graph.halve_weights
        stored = made_by[stored].input[0]
    if stored not in constants:
        raise _strange("the weights of its linear layer are computed")
    weights = numpy_helper.to_array(constants[stored])
    options = {one.name: helper.get_attribute_value(one) for one in linear.attribute}
    if options.get("alpha", 1.0) != 1.0 or options.get("transA", 0):
        raise _strange("its linear layer scales or turns what it is given")
    pooled = made_by.get(linear.input[0])
    while pooled is not None and pooled.op_type in _FLAT:
        pooled = made_by.get(pooled.input[0])
    if pooled is None or not _is_mean(pooled):
        raise _strange("its linear layer is not on the mean over all places")
    turned = weights if options.get("transB", 0) else weights.T
    return np.asarray(turned, np.float32), str(pooled.input[0])


def _is_mean(node: Any) -> bool:
    if node.op_type == "GlobalAveragePool":
        return True
    axes: List[int] = next((list(one.ints) for one in node.attribute if one.name == "axes"), [])
    return bool(node.op_type == "ReduceMean" and {axis % 4 for axis in axes} == {2, 3})


def _places(model: onnx.ModelProto, features: str) -> Tuple[str, int, int]:
    """What the batch of the feature map is called, and how many rows and columns it has."""
    inferred = shape_inference.infer_shapes(model).graph
    known = {one.name: one for one in (*inferred.value_info, *inferred.input)}
    if features not in known or len(known[features].type.tensor_type.shape.dim) != 4:
        raise _strange(f"the shape of {features!r} is not known")
    batch = model.graph.input[0].type.tensor_type.shape.dim[0].dim_param
    sides = [one.dim_value for one in known[features].type.tensor_type.shape.dim[2:]]
    if not all(sides):
        raise _strange(f"the size of {features!r} is free")
    return batch, sides[0], sides[1]


def _strange(why: str) -> DataError:
    return DataError(
        f"a map cannot be made of this network: {why}. "
        "It needs global average pooling and one linear layer at its end"
    )


def _difference(manifest: Manifest, before: bytes, after: bytes) -> float:
    """By how much two networks differ at most in what they say of a batch of noise."""
    given = manifest.input
    noise = np.random.default_rng(0).uniform(-1, 1, (4, 3, given.height, given.width)).astype(np.float32)
    said = [
        onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"]).run(
            [manifest.output.name], {given.name: noise}
        )[0]
        for network in (before, after)
    ]
    return float(np.abs(said[0] - said[1]).max())


def _write(bundle: Bundle, model: onnx.ModelProto, out: Path) -> None:
    """Network, manifest, card and licence; nothing else of the bundle changes."""
    document: Dict[str, Any] = json.loads((bundle.folder / MANIFEST).read_text(encoding="utf-8"))
    card = (bundle.folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    onnx.save(model, str(out / MODEL))
    document.update(name=out.resolve().name, sha256=sha256_of(out / MODEL))
    document["output"][HEAT] = HEAT
    (out / MANIFEST).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    (out / "MODEL_CARD.md").write_text(noted(card, model), encoding="utf-8")
    if out.resolve() != bundle.folder.resolve():
        shutil.copyfile(bundle.folder / "LICENSE", out / "LICENSE")


def noted(card: str, model: onnx.ModelProto) -> str:
    """The model card with a word on the map, at the end of what the bundle is."""
    dims = next(one for one in model.graph.output if one.name == HEAT).type.tensor_type.shape.dim
    labels, rows, columns = (one.dim_value for one in dims[1:])
    said = _NOTE.format(heat=HEAT, labels=labels, rows=rows, columns=columns)
    head, figures, rest = card.partition("\n## Figures")
    return f"{head}{said}{figures}{rest}"
