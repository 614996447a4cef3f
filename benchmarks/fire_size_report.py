"""From looks to figures: recall by size and way, false alarms, cost, and the smallest fire that is seen."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

import numpy as np

from models.picture_level import choose
from models.scoring import Interval, wilson

BARE, CONTROL = "bare", "control"
"""The kinds of a frame into which nothing was pasted, or nothing that burns."""
_KINDS = {
    "flames": "Flames: alarms, % (95 % interval)",
    "smoke": "Smoke",
    "pale": "Flames that are not shown in the colours of fire",
    CONTROL: "Control, no fire: false alarms",
    BARE: "The frames as they are: false alarms",
}
SEEN = (0.5, 0.9)


class Look(NamedTuple):
    """One picture, and what each way said of it: `kind` and `origin` of what was pasted, the frame's `scene`
    and height in lines, the share of the picture that is covered, and by way danger and processor seconds."""

    kind: str
    origin: str
    scene: str
    height: int
    share: float
    danger: Dict[str, float]
    seconds: Dict[str, float]


class Cell(NamedTuple):
    """How many of `n` looks of one kind, height and share alarm by one way."""

    kind: str
    height: int
    share: float
    way: str
    n: int
    alarms: int

    @property
    def interval(self) -> Interval:
        """Of the share that alarm, 95 % (Wilson)."""
        return wilson(self.alarms, self.n)


def cells(looks: Sequence[Look], thresholds: Mapping[str, float]) -> List[Cell]:
    """One for each kind, height, share and way, in this order; a way alarms at its threshold."""
    counted: Dict[Any, List[int]] = {}
    for look in looks:
        for way, danger in look.danger.items():
            count = counted.setdefault((look.kind, look.height, look.share, way), [0, 0])
            count[0] += 1
            count[1] += danger >= thresholds[way]
    order = list(_KINDS)
    keys = sorted(counted, key=lambda key: (order.index(key[0]), key[1], key[2]))
    return [Cell(*key, *counted[key]) for key in keys]


def equally_quiet(looks: Sequence[Look]) -> Dict[str, float]:
    """By way the lowest threshold at which 2 % at most of the looks without fire alarm; smaller frames only.

    Chosen on what it is then judged by: for comparing ways, not for shipping.
    """
    height = min(look.height for look in looks)
    calm = [look.danger for look in looks if look.kind in (BARE, CONTROL) and look.height == height]
    return {way: choose(([], [one[way] for one in calm])) for way in looks[0].danger}


def in_quiet_scenes(looks: Sequence[Look], threshold: float) -> List[Look]:
    """The looks without what a way says of a scene in which it alarms although nothing was pasted: there its
    alarms say nothing of the fire."""
    loud = {
        (look.scene, way)
        for look in looks
        for way, danger in look.danger.items()
        if look.kind == BARE and danger >= threshold
    }
    return [
        look._replace(danger={way: one for way, one in look.danger.items() if (look.scene, way) not in loud})
        for look in looks
    ]


def smallest(found: Sequence[Cell], kind: str, height: int, way: str, least: float) -> Optional[float]:
    """The share from which on, at every measured one, the interval of recall lies at `least` or above."""
    mine = [one for one in found if (one.kind, one.height, one.way) == (kind, height, way)]
    answer = None
    for one in sorted(mine, key=lambda one: -one.share):
        if one.interval[0] < least:
            break
        answer = one.share
    return answer


def costs(looks: Sequence[Look]) -> Dict[int, Dict[str, float]]:
    """By height and way the median over pictures of its processor time by that of the first way."""
    ratios: Dict[int, Dict[str, float]] = {}
    for height in sorted({look.height for look in looks}):
        mine = [look.seconds for look in looks if look.height == height]
        first = next(iter(mine[0]))
        ratios[height] = {way: float(np.median([one[way] / one[first] for one in mine])) for way in mine[0]}
    return ratios


def write(out: Path, looks: Sequence[Look], threshold: float, names: Dict[str, Optional[str]]) -> str:
    """All files of the figures in the folder `out`; returns the Markdown."""
    shipped = dict.fromkeys(looks[0].danger, threshold)
    equal = equally_quiet(looks)
    found = cells(looks, shipped)
    quiet = cells(in_quiet_scenes(looks, threshold), shipped)
    text = markdown(found, quiet, costs(looks)) + equal_markdown(cells(looks, equal), equal)
    document = {
        **names,
        "threshold": threshold,
        "cells": _documents(found),
        "cells_in_quiet_scenes": _documents(quiet),
        "equally_quiet": {"thresholds": equal, "cells": _documents(cells(looks, equal))},
        "cost": costs(looks),
        "smallest": _smallest(quiet, list(looks[0].danger)),
    }
    (out / "fire-size.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    (out / "fire-size.md").write_text(text, encoding="utf-8")
    _write_cells(out / "fire-size.csv", found)
    _write_looks(out / "fire-size-looks.csv", looks)
    _plot(out / "fire-size.png", found)
    return text


def markdown(found: Sequence[Cell], quiet: Sequence[Cell], cost: Dict[int, Dict[str, float]]) -> str:
    """A table for each kind, one of flames and smoke in the scenes that are `quiet`, one of the cost, and one
    of the smallest fire in quiet scenes."""
    ways = list(dict.fromkeys(one.way for one in found))
    header = " | ".join(ways) + " |\n" + "|---" * (len(ways) + 3) + "|"
    lines: List[str] = []
    for kind in dict.fromkeys(one.kind for one in found):
        lines += [f"{_KINDS[kind]}:", "", f"| lines | covers | n | {header}"]
        mine = {(one.height, one.share, one.way): one for one in found if one.kind == kind}
        for height, share in dict.fromkeys((height, share) for height, share, _ in mine):
            row = [mine[height, share, way] for way in ways]
            said = " | ".join(_said(one) for one in row)
            lines.append(f"| {height} | {_percent(share)} | {row[0].n} | {said} |")
        lines.append("")
    lines += ["Only scenes in which the way does not alarm as they are, and of how many:", ""]
    lines += [f"| of | lines | covers | {header}"]
    by = {(one.kind, one.height, one.share, one.way): one for one in quiet if one.kind in ("flames", "smoke")}
    for key in dict.fromkeys(key[:3] for key in by):
        some = [by.get((*key, way)) for way in ways]
        said = " | ".join("" if one is None else f"{_said(one)} of {one.n}" for one in some)
        lines.append(f"| {key[0]} | {key[1]} | {_percent(key[2])} | {said} |")
    lines += ["", "Processor time by that of the whole frame:", "", f"| lines | | | {header}"]
    for height, ratios in cost.items():
        lines.append(f"| {height} | | | " + " | ".join(f"{ratios[way]:.2f}" for way in ways) + " |")
    lines += ["", "Smallest share from which on recall in quiet scenes is above, by its interval:", ""]
    lines += [f"| lines | of | above | {header}"]
    for one in _smallest(quiet, ways):
        said = " | ".join(_percent(one["by"][way]) if one["by"][way] else "none" for way in ways)
        lines.append(f"| {one['lines']} | {one['of']} | {one['above']:.0%} | {said} |")
    return "\n".join(lines) + "\n"


def equal_markdown(found: Sequence[Cell], thresholds: Mapping[str, float]) -> str:
    """A table of flames and smoke at the thresholds of `equally_quiet`, of the smaller frames."""
    ways = list(thresholds)
    lines = ["", "Thresholds at which 2 % at most of all looks without fire alarm, and recall at them:", ""]
    lines += ["| of | covers | " + " | ".join(ways) + " |", "|---" * (len(ways) + 2) + "|"]
    lines.append("| threshold | | " + " | ".join(f"{thresholds[way]:g}" for way in ways) + " |")
    height = min(one.height for one in found)
    by = {(one.kind, one.share, one.way): one for one in found if one.height == height}
    for kind, share in dict.fromkeys(key[:2] for key in by if key[0] in ("flames", "smoke")):
        said = " | ".join(_said(by[kind, share, way]) for way in ways)
        lines.append(f"| {kind} | {_percent(share)} | {said} |")
    return "\n".join(lines) + "\n"


def _documents(found: Sequence[Cell]) -> List[Dict[str, Any]]:
    return [{**one._asdict(), "interval": list(one.interval)} for one in found]


def _smallest(found: Sequence[Cell], ways: Sequence[str]) -> List[Dict[str, Any]]:
    return [
        {
            "lines": height,
            "of": kind,
            "above": least,
            "by": {way: smallest(found, kind, height, way, least) for way in ways},
        }
        for kind in ("flames", "smoke")
        for height in sorted({one.height for one in found if one.kind == kind})
        for least in SEEN
    ]


def _percent(share: float) -> str:
    return f"{share * 100:g} %"


def _said(one: Cell) -> str:
    low, high = one.interval
    return f"{one.alarms / one.n * 100:.0f} ({low * 100:.0f} to {high * 100:.0f})"


def _write_cells(path: Path, found: Sequence[Cell]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*Cell._fields, "low", "high"])
        writer.writerows([*one, *(round(edge, 4) for edge in one.interval)] for one in found)


def _write_looks(path: Path, looks: Sequence[Look]) -> None:
    ways = list(looks[0].danger)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["kind", "origin", "scene", "height", "share", *ways])
        for look in looks:
            writer.writerow([*look[:5], *(round(look.danger[way], 4) for way in ways)])


def _plot(path: Path, found: Sequence[Cell]) -> None:
    """Share of alarms by size, a panel for flames, smoke and control; of the smaller frames."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    height = min(one.height for one in found)
    kinds = [kind for kind in ("flames", "smoke", "control") if any(one.kind == kind for one in found)]
    figure, axes = pyplot.subplots(1, len(kinds), figsize=(4 * len(kinds), 3.8), squeeze=False, sharey=True)
    for axis, kind in zip(axes[0], kinds):
        for way in dict.fromkeys(one.way for one in found):
            mine = [one for one in found if (one.kind, one.height, one.way) == (kind, height, way)]
            shares = [one.share * 100 for one in mine]
            axis.plot(shares, [one.alarms / one.n for one in mine], marker="o", ms=4, label=way)
            axis.fill_between(
                shares, [one.interval[0] for one in mine], [one.interval[1] for one in mine], alpha=0.12
            )
        axis.set(
            title=f"{kind}, {height} lines",
            xscale="log",
            xlabel="covered, % of the picture",
            ylim=(-0.02, 1.02),
        )
        axis.grid(alpha=0.3)
    axes[0][0].set_ylabel("share that alarm in one look")
    axes[0][0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
