"""The comparison as tables of text, for Markdown and HTML alike, and as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence

from agent.inference.manifest import FIRE_LABELS
from models.compare_measure import THREADS, Compared, Comparison
from models.compare_scores import rates
from models.compare_speed import BATCH
from models.scoring import Interval


@dataclass(frozen=True)
class Table:
    """`rows` are as wide as `head`; the first column names a bundle."""

    title: str
    note: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def tables(found: Comparison) -> List[Table]:
    """How right the bundles are, how they alarm, what they gain, what they cost, how long they take."""
    return [
        _right(found.bundles),
        _alarms(found.bundles),
        _gains(found.bundles),
        _costs(found.bundles),
        *(_times(found.bundles, number) for number in THREADS),
    ]


def summary(bundles: Sequence[Compared]) -> Table:
    """What a terminal has room for."""
    rows = [
        [
            one.name,
            f"{one.quality.scores.accuracy:.3f}",
            f"{one.quality.scores.fire_or_not_accuracy:.3f}",
            _share(one.quality.false_alarms),
            f"{one.speed[1].processor_ms:.2f}",
            f"{one.speed[1].processor_faster:.2f}",
            f"{one.size / 1e6:.2f}",
            f"{one.memory / 1e6:.1f}",
        ]
        for one in bundles
    ]
    head = ["bundle", "accuracy", "fire or not", "false alarms", "processor ms", "faster", "MB", "memory, MB"]
    return Table("In short", "", head, rows)


def confusion_table(one: Compared) -> Table:
    """Rows: what it is."""
    return Table(
        one.name,
        "",
        ["is \\ judged", *FIRE_LABELS],
        [[label, *map(str, row)] for label, row in zip(FIRE_LABELS, one.quality.scores.confusion)],
    )


def _right(bundles: Sequence[Compared]) -> Table:
    rows = []
    for one in bundles:
        scores, chance = one.quality.scores, one.quality.scores.intervals
        rows.append(
            [
                one.name,
                _share(scores.accuracy, chance["accuracy"]),
                _share(scores.macro_f1, chance["macro_f1"]),
                _share(scores.fire_or_not_accuracy, chance["fire_or_not_accuracy"]),
                *(
                    _share(scores.recall[label] if any(row) else None, chance["recall"][label])
                    for label, row in zip(FIRE_LABELS, scores.confusion)
                ),
            ]
        )
    recalls = [f"recall of {label}" for label in FIRE_LABELS]
    return Table(
        "How right they are",
        "In brackets intervals of 95 %: Wilson's for shares, a bootstrap over pictures for macro-F1.",
        ["bundle", "accuracy", "macro-F1", "fire or not", *recalls],
        rows,
    )


def _alarms(bundles: Sequence[Compared]) -> Table:
    rows = []
    for one in bundles:
        judged, curves = one.quality, rates(one.answers)
        rows.append(
            [
                one.name,
                f"{one.answers.open_above:.2f}",
                _share(judged.false_alarms, judged.false_alarms_interval),
                _share(judged.missed, judged.missed_interval),
                _share(None if curves is None else curves.area),
                _share(None if curves is None else curves.average_precision),
                f"{judged.calibration_error:.3f}",
            ]
        )
    return Table(
        "Alarms and calibration",
        "False alarms: the share of the pictures without fire whose P(fire) + P(start-fire) reaches the "
        "bundle's own open_above; missed: the share of the others that stay below. Of one look; the agent "
        "asks for several. "
        "Areas and average precision do not depend on a threshold. Calibration error: expected, over bins of "
        "confidence.",
        [
            "bundle",
            "open_above",
            "false alarms",
            "missed",
            "ROC area",
            "average precision",
            "calibration error",
        ],
        rows,
    )


def _gains(bundles: Sequence[Compared]) -> Table:
    first = bundles[0]
    rows = []
    for one in bundles[1:]:
        judged = one.quality
        rows.append(
            [
                one.name,
                _share(judged.accuracy_gain, judged.accuracy_gain_interval, "+.3f"),
                _share(judged.fire_or_not_gain, judged.fire_or_not_gain_interval, "+.3f"),
                *(
                    _share(one.speed[number].faster, one.speed[number].faster_interval, ".2f")
                    for number in THREADS
                ),
                _share(one.speed[1].processor_faster, one.speed[1].processor_faster_interval, ".2f"),
                f"{first.size / one.size:.2f}",
                _times_less(first.memory, one.memory),
                _times_less(first.work.macs, one.work.macs),
                _times_less(first.work.parameters, one.work.parameters),
            ]
        )
    return Table(
        f"Beside {first.name}",
        "Accuracy and fire or not: the difference, its interval by a paired bootstrap over pictures. The "
        "rest: how many times as fast the network alone is, and how many times less it takes. On a busy "
        "machine long looks are interrupted and short ones are not: go by processor time (1 thread) there.",
        [
            "bundle",
            "accuracy",
            "fire or not",
            *(f"faster, {_threads(number)}" for number in THREADS),
            "faster, processor time",
            "smaller file",
            "less memory",
            "fewer MACs",
            "fewer parameters",
        ],
        rows,
    )


def _costs(bundles: Sequence[Compared]) -> Table:
    rows = []
    for one in bundles:
        given = one.bundle.manifest.input
        rows.append(
            [
                one.name,
                one.bundle.manifest.precision,
                f"{given.width} x {given.height}",
                f"{one.work.parameters:,}",
                f"{one.work.macs / 1e6:.1f}",
                f"{one.size / 1e6:.2f}",
                f"{one.memory / 1e6:.1f}",
            ]
        )
    return Table(
        "What they take",
        "MACs: multiply-accumulates of convolutions and matrix products for one picture. Peak memory: by how "
        "much the peak of a process that has loaded the runtime grows when it loads the bundle and looks, on "
        "one thread, at one picture at a time; a part of it is code of the runtime.",
        ["bundle", "precision", "input", "parameters", "million MACs", "file, MB", "peak memory, MB"],
        rows,
    )


def _times(bundles: Sequence[Compared], number: int) -> Table:
    rows = []
    for one in bundles:
        speed = one.speed[number]
        rows.append(
            [
                one.name,
                f"{speed.median_ms:.2f}",
                f"{speed.p99_ms:.2f}",
                f"{speed.processor_ms:.2f}",
                f"{speed.prepare_ms:.2f}",
                f"{speed.per_second:.1f}",
            ]
        )
    return Table(
        f"Time on {_threads(number)}",
        "Milliseconds of the network for one picture; the bundles take turns. Processor time is that of all "
        f"threads, and counts little of what else the machine does. Pictures a second in batches of {BATCH}.",
        ["bundle", "median", "99 % are under", "processor time", "pre-processing", "pictures a second"],
        rows,
    )


def _threads(number: int) -> str:
    return "1 thread" if number == 1 else f"{number} threads"


def _share(value: Optional[float], interval: Optional[Interval] = None, form: str = ".3f") -> str:
    if value is None:
        return "-"
    if interval is None:
        return format(value, form)
    return f"{value:{form}} ({interval[0]:{form}} to {interval[1]:{form}})"


def _times_less(first: float, value: float) -> str:
    return f"{first / value:.2f}" if value else "-"


def as_csv(found: Comparison) -> str:
    """A line a bundle, a column a figure: the document's, named by the way to them (`quality.accuracy`)."""
    rows = [_flat(one.as_dict()) for one in found.bundles]
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _flat(document: Mapping[str, Any], before: str = "") -> Dict[str, Any]:
    """Numbers and words by their way; of a pair, as intervals are, `low` and `high`; no matrices."""
    flat: Dict[str, Any] = {}
    for name, value in document.items():
        way = f"{before}{name}"
        if isinstance(value, dict):
            flat.update(_flat(value, f"{way}."))
        elif name in ("input", "labels", "confusion"):
            continue
        elif isinstance(value, (list, tuple)):
            flat[f"{way}.low"], flat[f"{way}.high"] = value
        else:
            flat[way] = value
    return flat
