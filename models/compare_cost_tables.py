"""What bundles cost as tables of text, for Markdown and HTML alike, and all figures as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence

from models.compare_cost import THREADS, Costed
from models.compare_speed import BATCH
from models.scoring import Interval


@dataclass(frozen=True)
class Table:
    """`rows` are as wide as `head`; the first column names a bundle."""

    title: str
    note: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


IN_SHORT = ("processor ms", "faster", "MB", "memory, MB")
"""The columns of `in_short`."""


def in_short(one: Costed) -> List[str]:
    """What a terminal has room for."""
    return [
        f"{one.speed[1].processor_ms:.2f}",
        f"{one.speed[1].processor_faster:.2f}",
        f"{one.size / 1e6:.2f}",
        f"{one.memory / 1e6:.1f}",
    ]


def gains(bundles: Sequence[Costed], right: Mapping[str, Sequence[str]], note: str) -> Table:
    """Beside the first: `right`, a column by its name with a cell for each of the others, and what is gained
    in cost."""
    first = bundles[0]
    rows = []
    for index, one in enumerate(bundles[1:]):
        rows.append(
            [
                one.name,
                *(cells[index] for cells in right.values()),
                *(
                    share(one.speed[number].faster, one.speed[number].faster_interval, ".2f")
                    for number in THREADS
                ),
                share(one.speed[1].processor_faster, one.speed[1].processor_faster_interval, ".2f"),
                f"{first.size / one.size:.2f}",
                _times_less(first.memory, one.memory),
                _times_less(first.work.macs, one.work.macs),
                _times_less(first.work.parameters, one.work.parameters),
            ]
        )
    return Table(
        f"Beside {first.name}",
        f"{note} The rest: how many times as fast the network alone is, and how many times less it takes. On "
        "a busy machine long looks are interrupted and short ones are not: go by processor time (1 thread) "
        "there.",
        [
            "bundle",
            *right,
            *(f"faster, {_threads(number)}" for number in THREADS),
            "faster, processor time",
            "smaller file",
            "less memory",
            "fewer MACs",
            "fewer parameters",
        ],
        rows,
    )


def taken(bundles: Sequence[Costed]) -> Table:
    """Parameters, work, file and memory."""
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


def times(bundles: Sequence[Costed], number: int) -> Table:
    """At that many threads."""
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


def share(value: Optional[float], interval: Optional[Interval] = None, form: str = ".3f") -> str:
    """A figure and, in brackets, its interval; `-` for none."""
    if value is None:
        return "-"
    if interval is None:
        return format(value, form)
    return f"{value:{form}} ({interval[0]:{form}} to {interval[1]:{form}})"


def _times_less(first: float, value: float) -> str:
    return f"{first / value:.2f}" if value else "-"


def as_csv(bundles: Sequence[Costed]) -> str:
    """A line a bundle, a column a figure: the document's, named by the way to them (`quality.accuracy`)."""
    rows = [_flat(one.as_dict()) for one in bundles]
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
