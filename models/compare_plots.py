"""The comparison's plots, each as PNG in memory; a bundle has one colour in all of them."""

from __future__ import annotations

import io
import math
import textwrap
from dataclasses import dataclass
from typing import Any, List, Mapping, Optional, Sequence, Tuple

from matplotlib.figure import Figure

from agent.inference.manifest import FIRE_LABELS
from models.compare_cost import Costed
from models.compare_measure import Compared
from models.compare_scores import BINS, CALM, rates, reliability
from models.report import draw_confusion
from models.scoring import Interval

_DPI = 130
_MARKERS = "osD^vPX*"
_SIZE = (5.5, 4.2)

_SHORT, _LINE = 28, 0.21
"""Letters of which two columns of names have room side by side; inches of a line of them."""

History = Sequence[Mapping[str, Any]]
"""An entry an epoch, as a run's metrics.json has them."""


@dataclass(frozen=True)
class Plot:
    """`png` is the picture; `caption` says what to see in it, and stands for it where it cannot be shown."""

    caption: str
    png: bytes


Right = Mapping[str, Tuple[float, Optional[Interval]]]
"""How right each bundle is, by name, and its interval where there is one."""


def trade_offs(bundles: Sequence[Costed], right: Right, what: str) -> List[Plot]:
    """`what`, as `right` has it, against what it costs: time and size."""
    time = {one.name: one.speed[1].processor_ms for one in bundles}
    size = {one.name: one.size / 1e6 for one in bundles}
    return [
        _trade_off(right, time, what, "time", "network, processor time: median ms a picture, 1 thread"),
        _trade_off(right, size, what, "size", "file, MB"),
    ]


def accuracies(bundles: Sequence[Compared]) -> Right:
    """Of bundles for fire, on three classes."""
    scores = {one.name: one.quality.scores for one in bundles}
    return {name: (one.accuracy, one.intervals["accuracy"]) for name, one in scores.items()}


def _trade_off(right: Right, cost: Mapping[str, float], what: str, of: str, label: str) -> Plot:
    figure, axis = _figure()
    for index, (name, (value, interval)) in enumerate(right.items()):
        low, high = interval or (value, value)
        axis.errorbar(
            cost[name],
            value,
            yerr=[[value - low], [high - value]],
            fmt=_MARKERS[index % len(_MARKERS)],
            color=_colour(index),
            capsize=3,
            label=name,
        )
    axis.set(xscale="log", xlabel=f"{label} (logarithmic)", ylabel=what)
    axis.grid(alpha=0.3, which="both")
    _plain_numbers(axis, list(cost.values()))
    _legend(axis)
    bars = " Bars: intervals of 95 %." if all(interval for _, interval in right.values()) else ""
    caption = f"{what[0].upper()}{what[1:]} and {of}: better is further up and further left.{bars}"
    return Plot(caption, _png(figure))


def _plain_numbers(axis: Any, costs: Sequence[float]) -> None:
    """Numbers people read on a logarithmic axis: ticks at what bundles cost, where there is room."""
    low, high = min(costs) / 1.4, max(costs) * 1.4
    axis.set_xlim(low, high)
    apart = (high / low) ** 0.15
    ticks: List[float] = []
    for cost in sorted(costs):
        if not ticks or cost > ticks[-1] * apart:
            ticks.append(cost)
    axis.set_xticks(ticks, [f"{tick:.3g}" for tick in ticks])
    axis.set_xticks([], minor=True)


def alarm_curves(bundles: Sequence[Compared]) -> List[Plot]:
    """ROC and precision against recall of fire-or-not; none where either kind of picture is missing."""
    curves = {one.name: rates(one.answers) for one in bundles}
    if None in curves.values():
        return []
    roc, precision = _figure(), _figure()
    most_false, least_found = 0.25, 0.5
    for index, one in enumerate(bundles):
        of_it = curves[one.name]
        assert of_it is not None
        look = {"color": _colour(index), "linestyle": _line(index)}
        roc[1].step(of_it.false, of_it.true, where="post", label=f"{one.name} ({of_it.area:.3f})", **look)
        precision[1].plot(
            of_it.true, of_it.precision, label=f"{one.name} ({of_it.average_precision:.3f})", **look
        )
        point = {"color": _colour(index), "marker": _MARKERS[index % len(_MARKERS)], "linestyle": "none"}
        false, found, right = _at_threshold(one)
        most_false, least_found = max(most_false, false + 0.05), min(least_found, found - 0.05)
        roc[1].plot(false, found, **point)
        precision[1].plot(found, right, **point)
    roc[1].set(xlim=(-0.01, min(most_false, 1.01)), ylim=(max(least_found, -0.01), 1.01))
    roc[1].set(xlabel="false alarms: share of pictures without fire", ylabel="found: share of the others")
    precision[1].set(xlabel="found: share of pictures with fire or its start", ylabel="precision")
    for _, axis in (roc, precision):
        axis.grid(alpha=0.3)
        _legend(axis)
    own = "Marks: each bundle's own threshold."
    return [
        Plot(
            "ROC of fire or not, its upper left corner: at every threshold of P(fire) + P(start-fire). In "
            f"brackets the whole area. {own}",
            _png(roc[0]),
        ),
        Plot(
            f"Precision and recall of fire or not. In brackets the average precision. {own}",
            _png(precision[0]),
        ),
    ]


def _at_threshold(one: Compared) -> Tuple[float, float, float]:
    """False alarms, found and precision as shares, by the bundle's own open_above."""
    alarmed, burning = one.answers.danger >= one.answers.open_above, one.answers.truth != CALM
    hits = int((alarmed & burning).sum())
    return (
        float(alarmed[~burning].mean()),
        float(alarmed[burning].mean()),
        hits / int(alarmed.sum()) if alarmed.any() else 1.0,
    )


def confusion(one: Compared) -> Plot:
    """How many pictures of each label were judged what."""
    figure, axis = _figure((4.2, 3.8))
    draw_confusion(axis, FIRE_LABELS, one.quality.scores.confusion)
    axis.set_title(_title(one.name))
    caption = f"Confusion matrix of {one.name}: a row for what it is, a column for what it was judged."
    return Plot(caption, _png(figure))


def reliable(one: Compared) -> Plot:
    """Accuracy against confidence; as sure as right is on the diagonal."""
    figure, axis = _figure((4.2, 3.8))
    most = max(count for _, _, count in reliability(one.answers))
    for sure, right, count in reliability(one.answers):
        axis.plot([sure, sure], [sure, right], color="lightgrey", zorder=1)
        axis.scatter(sure, right, s=20 + 180 * count / most, color="tab:orange", zorder=2)
    axis.plot([0, 1], [0, 1], color="grey", linestyle="--", linewidth=1, zorder=1)
    axis.set(xlim=(0.3, 1.03), ylim=(-0.03, 1.05), xlabel="confidence", ylabel="accuracy")
    axis.set_title(_title(one.name))
    axis.grid(alpha=0.3)
    caption = (
        f"Reliability of {one.name}: below the dashed line it is surer than it is right. {BINS} bins; larger "
        f"dots are of more pictures. Expected calibration error {one.quality.calibration_error:.3f}."
    )
    return Plot(caption, _png(figure))


def learning_curves(bundles: Sequence[Compared], histories: Mapping[str, History]) -> List[Plot]:
    """Accuracy on validation after each epoch; none without runs."""
    if not histories:
        return []
    figure, axis = _figure()
    names = [one.name for one in bundles]
    for name, history in histories.items():
        epochs = [one["epoch"] for one in history]
        axis.plot(
            epochs,
            [one["accuracy"] for one in history],
            marker="o",
            color=_colour(names.index(name)),
            label=name,
        )
    axis.set(xlabel="epoch", ylabel="accuracy on validation")
    axis.grid(alpha=0.3)
    _legend(axis)
    return [Plot("Accuracy on the validation part after each epoch.", _png(figure))]


def _figure(size: Tuple[float, float] = _SIZE) -> Tuple[Figure, Any]:
    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.add_subplot()


def _legend(axis: Any) -> None:
    """Below the axis, where it hides nothing; the figure grows by it."""
    _, labels = axis.get_legend_handles_labels()
    columns = 2 if max(map(len, labels)) <= _SHORT else 1
    figure = axis.figure
    figure.set_figheight(figure.get_figheight() + _LINE * math.ceil(len(labels) / columns))
    figure.legend(loc="outside lower center", ncols=columns, fontsize="small", frameon=False)


def _title(name: str) -> str:
    """In as many lines as it takes: a long name would be cut."""
    return textwrap.fill(name, _SHORT)


def _colour(index: int) -> str:
    return f"C{index % 10}"


def _line(index: int) -> str:
    return ("-", "--", "-.", ":")[index // 10 % 4]


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=_DPI)
    return file.getvalue()
