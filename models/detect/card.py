"""The model card of a detector: what it boxes, what it was made from, how good it is and where it fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Mapping, Optional

_CARD = """# {name} {version}

Boxes people, vehicles, animals and bags, and in a head of its own flames (`fire`) and `smoke`, of which it is
the surer the more the whole picture speaks for them. Made for fixed cameras over streets, yards and
interiors, looked at several times a second. A box is evidence, not an alarm: the agent weighs it with what
the classifier says of the whole picture, and asks several looks to agree.

- **Licence**: {licence}. **Parent**: {parent}.
  {kept}
- **Training data** of the new head: {data} ({boxes} in {pictures} pictures), split by near-duplicate group
  (split file sha256 `{split}`), {negatives} pictures without fire, and {unboxed} of fires and
  fires that start, without boxes; {epochs}. No picture is
  distributed with the model. What the pictures' sources state of their licence is below: weigh it before
  commercial use.
- **Thresholds**: {thresholds}; a tracker and the fusion want doubtful boxes, too.

## Figures

Test pictures were kept out of training and thresholds; 95 % intervals. Measured {measured}.

| average precision at an IoU of 0.5 | boxes | value | interval |
|---|---|---|---|
{precision}

By picture, where the surest flame or smoke is at {threshold} or above (chosen on validation, at most 2 % of
calm pictures): of {burning} pictures with flames {recall} alarm, of {calm} without flames and smoke {false}.

By source of the test pictures (`-`: nobody looked for it there, or there is none):

| source | fire: boxes | AP50 | smoke: boxes | AP50 |
|---|---|---|---|---|
{sources}
{objects}
What the sources of the boxed training pictures state:

| pictures | licence |
|---|---|
{licences}

## Limits

- What is small is missed: a camera sees a street, not a postcard.
- It tells flames and smoke by what a network sees that was made for things with outlines. Lamps, the sun,
  clouds, steam and fog are the hard cases.
- On sources other than those above it will score lower than the table says.
"""

_UNTOUCHED = """The parent is not changed but for its 67 classes that are left
  out: what it sees of the others it sees as published."""

_TAUGHT = """67 of its classes are left out. Past its first stages it learnt on with the
  new head; of things the parent as published was its teacher in every picture."""

_OBJECTS = """
Things, on {pictures} pictures that it was not trained on: mAP50 {map50:.3f}, mAP50-95 {map50_95:.3f}.

"""

_LICENCE = """The network of this bundle is made of YOLOX-Nano, Copyright (c) Megvii, Inc. and its affiliates,
licensed under the Apache License, Version 2.0 (http://www.apache.org/licenses/LICENSE-2.0): see
https://github.com/Megvii-BaseDetection/YOLOX. Changed: the outputs for 13 of its 80 classes are kept, a head
for flames and smoke is added, some weights learnt on with it, and it takes any number of pictures. The whole
is under the same licence, and distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND,
either express or implied.
"""


def write(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write MODEL_CARD.md and LICENSE into the bundle's folder."""
    metrics, training = manifest["metrics"], manifest["training"]
    test, level = metrics["test"], metrics["test"]["by_picture"]
    text = _CARD.format(
        name=manifest["name"],
        version=manifest["version"],
        licence=manifest["licence"],
        kept=_TAUGHT if _learnt(training) else _UNTOUCHED,
        parent=manifest["parent"],
        data=training["data"],
        boxes=", ".join(f"{number} of {label}" for label, number in training["boxes"].items()),
        pictures=sum(training["pictures"].values()),
        split=str(training["split_sha256"])[:12],
        negatives=training["extra_negatives"] or "no",
        unboxed=training["extra_burning"] or "none",
        epochs=_epochs(training),
        thresholds=", ".join(f"{key} {value}" for key, value in manifest["thresholds"].items()),
        measured=metrics["measured"],
        precision="\n".join(_precision(label, one) for label, one in test["labels"].items()),
        threshold=level["threshold"],
        burning=level["burning"],
        recall=_share(level["recall"], level["recall_interval"]),
        calm=level["calm"],
        false=_share(level["false_alarms"], level["false_alarms_interval"]),
        sources="\n".join(_source(name, one) for name, one in metrics["test_by_source"].items()),
        objects=_OBJECTS.format(**metrics["objects"]) if metrics["objects"] else "",
        licences="\n".join(f"| {number} | {licence} |" for licence, number in training["licences"].items()),
    )
    (folder / "MODEL_CARD.md").write_text(text, encoding="utf-8")
    (folder / "LICENSE").write_text(_LICENCE, encoding="utf-8")


def _learnt(training: Mapping[str, Any]) -> bool:
    """Whether the published network learnt on, now or in what this was begun from."""
    before = training["begun_from"]
    return bool(training["body_rate"]) or (before is not None and _learnt(before))


def _epochs(training: Mapping[str, Any]) -> str:
    before = training["begun_from"]
    told = f"{training['epochs']} epochs"
    return told if before is None else f"{told} on from {before['name']} ({_epochs(before)})"


def _precision(label: str, one: Dict[str, Any]) -> str:
    if one["ap50"] is None:
        return f"| {label} | 0 | - | |"
    low, high = one["ap50_interval"]
    return f"| {label} | {one['boxes']} | {one['ap50']:.3f} | {low:.3f} to {high:.3f} |"


def _source(name: str, labels: Dict[str, Any]) -> str:
    cells = [name]
    for label in ("fire", "smoke"):
        one = labels.get(label, {"boxes": 0, "ap50": None})
        cells += [str(one["boxes"] or "-"), _value(one["ap50"])]
    return f"| {' | '.join(cells)} |"


def _value(figure: Optional[float]) -> str:
    return "-" if figure is None else f"{figure:.3f}"


def _share(value: float, interval: Any) -> str:
    low, high = interval
    return f"{100 * value:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
