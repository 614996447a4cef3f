"""The comparison of bundles for fire as tables of text, for Markdown and HTML alike."""

from __future__ import annotations

from typing import Dict, List, Sequence

from agent.inference.manifest import FIRE_LABELS
from models.compare_cost import THREADS
from models.compare_cost_tables import IN_SHORT, Table, gains, in_short, share, taken, times
from models.compare_measure import Compared, Comparison
from models.compare_scores import rates


def tables(found: Comparison) -> List[Table]:
    """How right the bundles are, how they alarm, what they gain, what they cost, how long they take."""
    return [
        _right(found.bundles),
        _alarms(found.bundles),
        gains(
            found.bundles,
            _right_gains(found.bundles[1:]),
            "Accuracy and fire or not: the difference, its interval by a paired bootstrap over pictures.",
        ),
        taken(found.bundles),
        *(times(found.bundles, number) for number in THREADS),
    ]


def summary(bundles: Sequence[Compared]) -> Table:
    """What a terminal has room for."""
    rows = [
        [
            one.name,
            f"{one.quality.scores.accuracy:.3f}",
            f"{one.quality.scores.fire_or_not_accuracy:.3f}",
            share(one.quality.false_alarms),
            *in_short(one),
        ]
        for one in bundles
    ]
    head = ["bundle", "accuracy", "fire or not", "false alarms", *IN_SHORT]
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
                share(scores.accuracy, chance["accuracy"]),
                share(scores.macro_f1, chance["macro_f1"]),
                share(scores.fire_or_not_accuracy, chance["fire_or_not_accuracy"]),
                *(
                    share(scores.recall[label] if any(row) else None, chance["recall"][label])
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
                share(judged.false_alarms, judged.false_alarms_interval),
                share(judged.missed, judged.missed_interval),
                share(None if curves is None else curves.area),
                share(None if curves is None else curves.average_precision),
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


def _right_gains(others: Sequence[Compared]) -> Dict[str, List[str]]:
    return {
        "accuracy": [
            share(one.quality.accuracy_gain, one.quality.accuracy_gain_interval, "+.3f") for one in others
        ],
        "fire or not": [
            share(one.quality.fire_or_not_gain, one.quality.fire_or_not_gain_interval, "+.3f")
            for one in others
        ],
    }
