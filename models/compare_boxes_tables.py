"""The comparison of bundles that box objects as tables of text, for Markdown and HTML alike."""

from __future__ import annotations

from typing import List, Sequence

from models.compare_boxes import BoxComparison, Boxing
from models.compare_cost import THREADS
from models.compare_cost_tables import IN_SHORT, Table, gains, in_short, share, taken, times


def tables(found: BoxComparison) -> List[Table]:
    """How well the bundles box, what they gain, what they cost, how long they take."""
    first, *others = found.bundles
    return [
        _means(found.bundles),
        _by_label(found.bundles),
        gains(
            found.bundles,
            {
                "mAP50": [f"{one.scores.map50 - first.scores.map50:+.3f}" for one in others],
                "mAP50-95": [f"{one.scores.map - first.scores.map:+.3f}" for one in others],
            },
            "mAP50 and mAP50-95: the difference.",
        ),
        taken(found.bundles),
        *(times(found.bundles, number) for number in THREADS),
    ]


def summary(bundles: Sequence[Boxing]) -> Table:
    """What a terminal has room for."""
    rows = [
        [
            one.name,
            f"{one.scores.map50:.3f}",
            f"{one.scores.map:.3f}",
            *in_short(one),
        ]
        for one in bundles
    ]
    return Table("In short", "", ["bundle", "mAP50", "mAP50-95", *IN_SHORT], rows)


def _means(bundles: Sequence[Boxing]) -> Table:
    return Table(
        "How well they box",
        "Means over the labels that have boxes; average precision as COCO counts it, at an IoU of 0.5 and "
        "over 0.5 to 0.95.",
        ["bundle", "mAP50", "mAP50-95"],
        [[one.name, f"{one.scores.map50:.3f}", f"{one.scores.map:.3f}"] for one in bundles],
    )


def _by_label(bundles: Sequence[Boxing]) -> Table:
    rows = []
    for index, label in enumerate(bundles[0].scores.labels):
        cells = [str(label.boxes)]
        for one in bundles:
            found = one.scores.labels[index]
            cells += [share(found.ap50, found.interval50), share(found.ap)]
        rows.append([label.label, *cells])
    columns: List[str] = []
    for one in bundles:
        columns += [f"{one.name}: AP50", "AP50-95"]
    return Table(
        "By label",
        "In brackets intervals of 95 %, by a bootstrap over pictures; of a handful of boxes they say too "
        "little.",
        ["label", "boxes", *columns],
        rows,
    )
