"""An audit for people: one HTML page that needs no other file: tables, plots, the contact sheets."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence, Tuple

import numpy as np
from matplotlib.figure import Figure

from models.audit_sheets import ACROSS, COLUMNS, ROWS
from models.audit_survey import MEASURES, Facts
from models.page import Markup, Section, document, figure, gallery, listed, paragraph, picture, table, wide
from models.split import LEFT_OUT, PARTS

SHOWN = 200
"""Lines of a list at most; audit.json has all."""

_PLOTTED = ("width", "brightness", "saturation", "warm")
_ROWS = 24  # that a plot has room for
_LETTERS = 15  # of either end of a source's name, in a plot
_MEASURED = (
    "Median, and 5th to 95th percentile. Width and height in pixels; brightness and contrast of grey levels, "
    "0 to 255; saturation 0 to 1; warm: the share of bright, saturated, red to yellow pixels. Where classes "
    "differ in what comes of their sources, such as size, a network learns that."
)


def page(found: Mapping[str, Any], facts: Sequence[Facts], sheets: Mapping[str, Sequence[Path]]) -> str:
    """The whole page of what `audit_findings.document` found, with the `sheets` (by name) in it."""
    labels, groups, near, manifest = (found[name] for name in ("labels", "groups", "near", "manifest"))
    counts = ", ".join(f"{label} {count}" for label, count in labels.items())
    lead = paragraph(
        f"{found['pictures']} pictures in {len(labels)} classes: {counts}. {groups['groups']} groups that "
        f"must not straddle a split, the largest of {groups['largest']}; {groups['of_several_labels']} of "
        "several classes."
    )
    sources = [[one["source"], one["licence"], *one["labels"].values()] for one in found["sources"]]
    statistics = [
        [one["source"], one["label"], one["n"], *(_range(one[measure]) for measure in MEASURES)]
        for one in found["statistics"]
    ]
    damaged = {
        "Cannot be read": [f"{one['file']}: {one['reason']}" for one in found["unreadable"]],
        "In the manifest and not in the folder": manifest["missing"],
        "In the folder and not in the manifest": manifest["unlisted"],
        "Not what the manifest says (sha256)": manifest["changed"],
    }
    duplicates = {
        "Copies": [_across(one) + " = ".join(one["files"]) for one in found["copies"]],
        f"Near-duplicates, up to {near['up_to_bits']} of 64 bits of the perceptual hash apart "
        f"({near['across']} across classes)": [
            f"{_across(one)}{' ~ '.join(one['files'])} ({one['bits']} bits)" for one in near["pairs"]
        ],
    }
    parts = [*PARTS, LEFT_OUT]
    splits = [
        [one["file"], *(one["parts"].get(part, 0) for part in parts)] for one in found.get("splits", [])
    ]
    sections: List[Section] = [
        ("Sources and licences", [table("Sources and licences", ["source", "licence", *labels], sources)]),
        ("What is damaged", _lists(damaged)),
        ("Duplicates", _lists(duplicates)),
        *([("Splits", [table("Splits", ["file", *parts], splits)])] if splits else []),
        (
            "Sizes and colours",
            [
                paragraph(_MEASURED, "note"),
                table("Sizes and colours", ["source", "class", "n", *MEASURES], statistics),
                gallery(_plots(facts)),
            ],
        ),
        *(_sheets(name, paths, labels.get(name, 0)) for name, paths in sheets.items() if paths),
    ]
    return document(f"Audit of {found['folder']}", [lead], sections)


def _lists(lists: Mapping[str, Sequence[str]]) -> List[Markup]:
    return [listed(title, lines, SHOWN, "audit.json") for title, lines in lists.items()]


def _sheets(name: str, paths: Sequence[Path], pictures: int) -> Section:
    shows, room = f"pictures of {name}", len(paths) * COLUMNS * ROWS
    if name == ACROSS:
        shows = "pictures that look alike and are labelled otherwise, side by side"
    elif pictures > room:
        shows += f", {room} of {pictures} drawn by chance"
    captions = [f"Sheet {number} of {len(paths)}: {shows}" for number in range(1, len(paths) + 1)]
    return f"Contact sheets: {name}", [
        figure(wide(caption, picture(path.read_bytes(), caption)), caption)
        for caption, path in zip(captions, paths)
    ]


def _plots(facts: Sequence[Facts]) -> List[Markup]:
    cells: Dict[Tuple[str, str], List[Facts]] = {}
    for one in facts:
        cells.setdefault((one.item.source, one.item.label), []).append(one)
    largest = sorted(sorted(cells, key=lambda cell: -len(cells[cell]))[:_ROWS], reverse=True)
    which = f" of the {_ROWS} with the most pictures" if len(cells) > _ROWS else ""
    figures = []
    for measure in _PLOTTED:
        caption = (
            f"{measure.capitalize()} by source and class{which}: median, the middle half, and the 5th to the "
            "95th percentile."
        )
        values = {cell: [one.measures[measure] for one in cells[cell]] for cell in largest}
        figures.append(figure(picture(plot(measure, values), caption), caption))
    return figures


def plot(measure: str, values: Mapping[Tuple[str, str], Sequence[float]]) -> bytes:
    """A line for each source and class, from below, a colour for each class, as PNG."""
    labels = sorted({label for _, label in values})
    drawing = Figure(figsize=(5.5, 1 + 0.24 * len(values)), layout="constrained")
    axis = drawing.add_subplot()
    for row, ((_, label), some) in enumerate(values.items()):
        colour = f"C{labels.index(label) % 10}"
        low, first, middle, third, high = np.percentile(some, (5, 25, 50, 75, 95))
        axis.plot([low, high], [row, row], color=colour, linewidth=1)
        axis.plot([first, third], [row, row], color=colour, linewidth=6, alpha=0.6, solid_capstyle="butt")
        axis.plot(middle, row, "|", color="black", markersize=9)
    axis.set_yticks(range(len(values)), [f"{_short(source)}: {label}" for source, label in values])
    axis.tick_params(labelsize=8)
    axis.set_title(measure, fontsize=10)
    axis.grid(axis="x", alpha=0.3)
    file = BytesIO()
    drawing.savefig(file, format="png", dpi=130)
    return file.getvalue()


def _short(name: str) -> str:
    return name if len(name) <= 2 * _LETTERS else f"{name[:_LETTERS]}...{name[-_LETTERS:]}"


def _across(one: Mapping[str, Any]) -> str:
    return "across classes: " if one["across"] else ""


def _range(percentiles: Sequence[float]) -> str:
    low, middle, high = (f"{value:.0f}" if value >= 10 else f"{value:.2f}" for value in percentiles)
    return f"{middle} ({low} to {high})"
