"""Make an INT8 bundle of an FP32 one: static, explicit Q/DQ that TensorRT and ONNX Runtime both take."""

from __future__ import annotations

import json
import logging
import math
import random
import shutil
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence

import numpy as np
import numpy.typing as npt
import onnx
import typer
from rich.progress import track

from agent.inference.bundle import MANIFEST, MODEL, Bundle, load_bundle, sha256_of
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.vision.preprocess import to_batch
from models import split
from models.data import SUFFIXES, DataError, read_picture

log = logging.getLogger("models.quantise")

_PAPERS = ("LICENSE", "MODEL_CARD.md")

_COMPARED, _MUCH = 32, 0.2
"""How many pictures the two are held against each other on, and the share of change that is warned of."""

_LAYERS = ["Conv", "Gemm", "MatMul"]
"""What is computed in INT8; what stands between is cheap, or is fused with them on the device."""


def quantise(
    bundle: str = typer.Argument(..., help="An FP32 bundle: the name of an installed one, or a folder."),
    out: Path = typer.Option(..., "--out", help="The new bundle's folder; its name becomes the bundle's."),
    pictures: Path = typer.Option(
        ..., "--pictures", help="A folder of pictures, at any depth, to measure ranges on: training pictures."
    ),
    split_file: Optional[Path] = typer.Option(
        None, "--split", help="A split by content (sha256,part): its training part alone is drawn from."
    ),
    number: int = typer.Option(200, "--number", min=1, help="How many of them, drawn at random."),
    seed: int = typer.Option(1, "--seed", help="Of the draw."),
    keep: Optional[List[str]] = typer.Option(
        None, "--float", help="A layer to leave in floating point besides the last ones; may be repeated."
    ),
) -> None:
    """Quantise BUNDLE: weights and what flows between layers become 8-bit integers.

    Scales are symmetric, of weights by channel. In floating point stay the last layers, whose numbers are
    boxes, scores or logits, and depthwise convolutions: they are a small part of the work, and their channels
    differ too much for one scale (of yolox-nano, mAP50 on 128 pictures of COCO falls from 0.476 to 0.029
    with them, to 0.474 without). Judge the result beside the original: `verify` takes either. Weights of
    fusion are not taken over: `fuse` chooses them anew.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    loaded = load_bundle(bundle)
    if loaded.manifest.precision != "fp32":
        raise DataError(f"{bundle} is {loaded.manifest.precision} already: name the FP32 bundle")
    missing = [name for name in _PAPERS if not (loaded.folder / name).is_file()]
    if missing:
        raise DataError(f"{bundle} has no {missing[0]}: quantise a bundle that `export` made")
    chosen = _drawn(pictures, split_file, number, seed)
    model = onnx.load(str(loaded.folder / MODEL))
    left = [*last_layers(model.graph), *depthwise(model.graph), *(keep or [])]
    unknown = set(left) - {node.name for node in model.graph.node}
    if unknown:
        raise DataError(f"{bundle} has no layer {sorted(unknown)[0]}")
    out.mkdir(parents=True, exist_ok=True)
    _quantise(loaded, chosen, left, out / MODEL)
    _describe(loaded, out, len(chosen), left)
    log.info("%d pictures, %d layers left in floating point: %s", len(chosen), len(left), out)
    share = changed(loaded, load_bundle(str(out)), chosen[:_COMPARED])
    log.info("what it says differs by %.1f %% of what the original says (root mean square)", 100 * share)
    if share > _MUCH:
        log.warning(
            "that is much: one layer with a wide range is often all of it. Name it by --float; try the "
            "first ones first"
        )


def changed(original: Bundle, quantised: Bundle, paths: Sequence[Path]) -> float:
    """The root mean square of the difference of their first outputs by that of the original's."""
    square = total = 0.0
    with closing(OnnxRuntimeSession(original)) as one, closing(OnnxRuntimeSession(quantised)) as other:
        for batch in _Ranges(original, paths).batches():
            said = one.infer(batch)
            square += float(((other.infer(batch) - said) ** 2).sum())
            total += float((said**2).sum())
    return math.sqrt(square / total) if total else 0.0


def last_layers(graph: Any) -> List[str]:
    """The layers from which no other is reached: what they say is the network's output."""
    makers = {name: node for node in graph.node for name in node.output}
    wanted, found, seen = [one.name for one in graph.output], [], set()
    while wanted:
        node = makers.get(wanted.pop())
        if node is None or node.name in seen:
            continue
        seen.add(node.name)
        if node.op_type in _LAYERS:
            found.append(node.name)
        else:
            wanted.extend(node.input)
    return sorted(found)


def depthwise(graph: Any) -> List[str]:
    """The convolutions that look at each channel, or group of them, by itself."""
    return [
        node.name for node in graph.node if any(one.name == "group" and one.i > 1 for one in node.attribute)
    ]


def _drawn(folder: Path, split_file: Optional[Path], number: int, seed: int) -> List[Path]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise DataError(f"there is no picture below {folder} ({', '.join(SUFFIXES)})")
    if split_file is not None:
        trained = split.contents(split_file, "train")
        paths = [path for path in paths if sha256_of(path) in trained]
        if not paths:
            raise DataError(f"{split_file}: none of the pictures below {folder} is in its training part")
    return random.Random(seed).sample(paths, min(number, len(paths)))


class _Ranges:
    """Implements onnxruntime's CalibrationDataReader: a picture at a time, as the agent prepares it."""

    def __init__(self, bundle: Bundle, paths: Sequence[Path]) -> None:
        self._given = bundle.manifest.input
        self._paths = paths
        self._batches = self.batches()

    def get_next(self) -> Optional[Dict[str, npt.NDArray[np.float32]]]:
        batch = next(self._batches, None)
        return None if batch is None else {self._given.name: batch}

    def batches(self) -> Iterator[npt.NDArray[np.float32]]:
        read = 0
        for path in track(self._paths, description="measuring ranges", transient=True):
            picture = read_picture(path)
            if picture is None:
                log.warning("not readable: %s", path)
                continue
            read += 1
            yield to_batch([picture], self._given.spec)
        if not read:
            raise DataError(f"none of the {len(self._paths)} pictures can be read")


def _quantise(bundle: Bundle, paths: Sequence[Path], left: Sequence[str], to: Path) -> None:
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with tempfile.TemporaryDirectory() as aside:
        prepared = Path(aside) / "prepared.onnx"
        quant_pre_process(
            str(bundle.folder / MODEL), str(prepared), skip_optimization=True, skip_symbolic_shape=True
        )
        quantize_static(
            str(prepared),
            str(Path(aside) / MODEL),
            _Ranges(bundle, paths),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QInt8,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=_LAYERS,
            nodes_to_exclude=list(left),
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={
                "ActivationSymmetric": True,
                "WeightSymmetric": True,
                "QuantizeBias": False,  # NVIDIA's parser takes no int32 bias
                "QDQDisableWeightAdjustForInt32Bias": True,  # no weights made coarse for biases that stay
                "AddQDQPairToWeight": True,
                "DedicatedQDQPair": True,
                "OpTypesToExcludeOutputQuantization": _LAYERS,
            },
        )
        quantised = onnx.load(str(Path(aside) / MODEL))
    standard = [one for one in quantised.opset_import if not one.domain]
    del quantised.opset_import[:]  # it names domains of its own that it does not use
    quantised.opset_import.extend(standard)
    onnx.checker.check_model(quantised)
    onnx.save(quantised, str(to))


def _describe(bundle: Bundle, out: Path, pictures: int, left: Sequence[str]) -> None:
    """Manifest, licence and card of the new bundle; the parent's figures are the parent's."""
    parent = bundle.manifest
    older = f", of {parent.parent}" if parent.parent else ""
    manifest = json.loads((bundle.folder / MANIFEST).read_text(encoding="utf-8"))
    manifest.update(
        name=out.resolve().name,
        precision="int8",
        parent=f"{parent.name} {parent.version}, sha256 {parent.sha256}{older}",
        metrics={},
        sha256=sha256_of(out / MODEL),
    )
    manifest.pop("fusion", None)
    (out / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    shutil.copyfile(bundle.folder / "LICENSE", out / "LICENSE")
    text = (bundle.folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    note = (
        f"Quantised to INT8 from `{parent.name}` {parent.version}: ranges (minimum and maximum) of "
        f"{pictures} pictures, {len(left)} layers left in floating point. "
        "**The figures below are those of the original.**"
    )
    title, _, rest = text.partition("\n")
    title = title.replace(parent.name, manifest["name"])
    (out / "MODEL_CARD.md").write_text(f"{title}\n\n{note}\n{rest}", encoding="utf-8")
