"""Make a bundle of a run: calibrated on validation, judged once on test, parity-checked, documented."""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, Optional, Sequence

import numpy as np
import onnx
import torch
import typer

from agent.inference.bundle import MANIFEST, MODEL, load_bundle, sha256_of
from agent.inference.fire import softmax
from agent.inference.manifest import FIRE_LABELS as LABELS
from agent.inference.manifest import NAME
from models import card, split
from models.activation import HEAT, add_heat, noted
from models.calibration import MOST_FALSE_ALARMS, choose_temperature, choose_thresholds
from models.checkpoint import read_config, trained
from models.data import DataError, Item, read_folder
from models.graph import fold_padding, halve_weights
from models.parity import parity
from models.scoring import Scores, score
from models.verify import Judged, judge, scores_of

log = logging.getLogger("models.export")

OPSET = 13  # the last that TensorRT 8.5 reads without exceptions
TOLERANCE = 1e-4


def export(
    run: Path = typer.Argument(..., help="The folder of a finished `train` run."),
    out: Path = typer.Option(..., "--out", help="The bundle's folder; its name becomes the bundle's."),
    version: str = typer.Option("1", "--version", help="The bundle's version."),
    average: Optional[Path] = typer.Option(
        None, "--average", help="A second run that started from RUN, or RUN from it: export their mean."
    ),
    average_share: float = typer.Option(
        0.5, "--average-share", min=0, max=1, help="How much of that mean is the second run's."
    ),
    side: Optional[int] = typer.Option(
        None,
        "--side",
        show_default="the run's",
        help="Side of the input, a multiple of 32: smaller is faster.",
    ),
    half: bool = typer.Option(
        False, "--half", help="Of a classifier: store weights as float16. Half the file; computed as before."
    ),
    most_false: float = typer.Option(
        MOST_FALSE_ALARMS,
        "--most-false",
        min=0,
        max=1,
        help="Of a classifier: the share of calm validation pictures that a single look may call dangerous.",
    ),
    coco: Optional[Path] = typer.Option(
        None, "--coco", help="Of a detector: boxes of other things as COCO's JSON, to judge them as well."
    ),
    images: Optional[Path] = typer.Option(None, "--images", help="The folder of the pictures of --coco."),
) -> None:
    """Export RUN as a bundle that the agent can load.

    Temperature and thresholds are chosen on the validation part; the test part is judged once, through
    the exported file, and goes into the manifest and the model card.
    """
    if side is not None and (side < 32 or side % 32):
        raise DataError(f"--side {side}: name a multiple of 32")
    if not re.match(NAME, out.resolve().name):
        raise DataError(f"--out {out}: a bundle's name is of small letters, digits, - and _")
    config = read_config(run)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if config.get("task") == "detect":
        from models.detect.export import export_detector

        if (coco is None) != (images is None) or average is not None:
            raise DataError("a detector takes --coco and --images together, and no --average")
        boxed = (coco, images) if coco and images else None
        export_detector(run, config, out, version, side or int(config["side"]), boxed)
        return
    split_file = None if config["split"] is None else Path(config["split"])
    parts = split.parted(read_folder(Path(config["data"]), LABELS), split_file, config["seed"])
    val, test = parts["val"], parts["test"]
    net, side = trained(run, config, average, average_share), side or int(config["final_side"])
    out.mkdir(parents=True, exist_ok=True)
    _write_onnx(net, side, out / MODEL)
    training = _training(config, parts["train"])
    training["averaged_with"] = None if average is None else f"{average.name}, {average_share:.0%} of it"
    manifest = _manifest(out, config, side, version, training)
    _write(out, manifest)
    difference = _parity(net, side, out)
    if difference > TOLERANCE:
        raise DataError(f"ONNX Runtime and PyTorch differ by {difference:.2g}, more than {TOLERANCE:g}")
    if half:
        onnx.save(halve_weights(onnx.load(str(out / MODEL))), str(out / MODEL))
        manifest["sha256"] = sha256_of(out / MODEL)
        _write(out, manifest)
    logits = np.log(np.maximum(judge(load_bundle(str(out)), val, threads=2).probabilities, 1e-12))
    truth = np.array([LABELS.index(item.label) for item in val])
    manifest["output"]["temperature"] = choose_temperature(logits, truth)
    calibrated = softmax(logits, manifest["output"]["temperature"])
    manifest["thresholds"] = choose_thresholds(calibrated, truth, LABELS, most_false)
    _write(out, manifest)
    bundle = load_bundle(str(out))
    judged = judge(bundle, test, threads=1)
    manifest["metrics"] = {
        "validation": _figures(score(calibrated, truth, LABELS, manifest["thresholds"]["open_above"])),
        "test": _figures(scores_of(bundle, judged)),
        "test_by_source": _by_source(bundle.manifest.thresholds["open_above"], judged),
        "median_ms_one_thread": round(float(np.median(judged.milliseconds)), 2),
        "parity": difference,
        "measured": f"{datetime.now(timezone.utc):%Y-%m-%d}",
    }
    _write(out, manifest)
    card.write(out, manifest)
    path = out / "MODEL_CARD.md"
    path.write_text(noted(path.read_text(encoding="utf-8"), onnx.load(str(out / MODEL))), encoding="utf-8")
    log.info("bundle written to %s", out)


def _write_onnx(net: torch.nn.Module, side: int, path: Path) -> None:
    torch.onnx.export(
        net,
        (torch.zeros(1, 3, side, side),),
        str(path),
        dynamo=False,
        opset_version=OPSET,
        input_names=["pictures"],
        output_names=["logits"],
        dynamic_axes={"pictures": {0: "n"}, "logits": {0: "n"}},
    )
    onnx.save(add_heat(fold_padding(onnx.load(str(path))), "logits"), str(path))


def _manifest(
    out: Path, config: Dict[str, Any], side: int, version: str, training: Dict[str, Any]
) -> Dict[str, Any]:
    return {
        "schema_version": 1,
        "name": out.resolve().name,
        "version": version,
        "task": "fire-classification",
        "labels": list(LABELS),
        "precision": "fp32",
        "input": {
            "name": "pictures",
            "width": side,
            "height": side,
            "colour": "RGB",
            "mean": [127.0] * 3,
            "scale": [128.0] * 3,
            "resize": "squash",
        },
        "output": {"name": "logits", "activation": "logits", "temperature": 1.0, "heat": HEAT},
        "thresholds": {},
        "licence": "Apache-2.0",
        "parent": card.PARENTS.get(config["net"]),
        "training": training,
        "metrics": {},
        "sha256": sha256_of(out / MODEL),
    }


def _training(config: Dict[str, Any], trained: Sequence[Item]) -> Dict[str, Any]:
    split_file = config["split"]
    negatives = config["negatives"]
    return {
        "data": Path(config["data"]).name,
        "pictures": dict(Counter(item.label for item in trained)),
        "licences": dict(Counter(item.licence for item in trained).most_common()),
        "extra_negatives": 0 if negatives is None else len(read_folder(Path(negatives), ("no-fire",))),
        "split_sha256": None if split_file is None else sha256_of(Path(split_file)),
        "epochs": config["epochs"] + config["final_epochs"],
        "seed": config["seed"],
        "begun_from": None if config.get("start") is None else Path(config["start"]).name,
        "pasted": None if config.get("boxed") is None else _pasted(config),
    }


def _pasted(config: Dict[str, Any]) -> Dict[str, Any]:
    boxed_split = config["boxed_split"]
    return {
        "data": Path(config["boxed"]).name,
        "share": config["pasted"],
        "whole": config.get("boxed_whole", False),
        "split_sha256": None if boxed_split is None else sha256_of(Path(boxed_split)),
    }


def _write(out: Path, manifest: Dict[str, Any]) -> None:
    (out / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _parity(net: torch.nn.Module, side: int, out: Path) -> float:
    """The largest difference of logits between PyTorch and ONNX Runtime, over a batch of noise."""
    noise = np.random.default_rng(0).uniform(-1, 1, (4, 3, side, side)).astype(np.float32)
    return parity(net, noise, out)


def _figures(scores: Scores) -> Dict[str, Any]:
    """Rounded to what the number of pictures supports."""
    rounded: Dict[str, Any] = json.loads(
        json.dumps(scores.as_dict()), parse_float=lambda x: round(float(x), 4)
    )
    return rounded


def _by_source(threshold: float, judged: Judged) -> Dict[str, Any]:
    found: Dict[str, Any] = {}
    sources: Sequence[str] = sorted({item.source for item in judged.items})
    for source in sources:
        where = [index for index, item in enumerate(judged.items) if item.source == source]
        truth = np.array([LABELS.index(judged.items[index].label) for index in where])
        scores = score(judged.probabilities[where], truth, LABELS, threshold, rounds=10)
        found[source] = {
            "n": scores.n,
            "accuracy": round(scores.accuracy, 4),
            "fire_or_not_accuracy": round(scores.fire_or_not_accuracy, 4),
        }
    return found
