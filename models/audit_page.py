"""An audit for people: one HTML page that needs no other file: tables, a plot, the contact sheets."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence

from models.audit_survey import MEASURES, Facts
from models.report import pyplot

SHOWN = 200
"""Lines of a list at most; audit.json has all."""

_PLOTTED = ("width", "brightness", "saturation", "warm")
_BOXES = 24  # that a plot has room for
_MEASURED = (
    "Median, and 5th to 95th percentile. Width and height in pixels; brightness and contrast of grey levels, "
    "0 to 255; saturation 0 to 1; warm: the share of bright, saturated, red to yellow pixels. Where classes "
    "differ in what comes of their sources, such as size, a network learns that."
)
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 84rem; margin: 0 auto; padding: 1rem; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
p.note { color: #555; font-size: .9rem; }
div.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid #ddd; text-align: left; }
th { border-bottom: 2px solid #999; }
img { max-width: 100%; height: auto; display: block; margin: 0 0 1rem; }
"""


def page(found: Mapping[str, Any], facts: Sequence[Facts], sheets: Mapping[str, Sequence[Path]]) -> str:
    """The whole page of what `audit_findings.document` found, with the `sheets` (by name) in it."""
    labels = list(found["labels"])
    groups, near, manifest = found["groups"], found["near"], found["manifest"]
    parts = [
        f"<h1>Audit of {escape(found['folder'])}</h1>",
        f"<p>{found['pictures']} pictures in {len(labels)} classes: "
        + ", ".join(f"{escape(label)} {count}" for label, count in found["labels"].items())
        + f". {groups['groups']} groups that must not straddle a split, the largest of {groups['largest']}; "
        f"{groups['of_several_labels']} of several classes.</p>",
        "<h2>Sources and licences</h2>",
        _table(
            ["source", "licence", *labels],
            [
                [one["source"], one["licence"], *(one["labels"][label] for label in labels)]
                for one in found["sources"]
            ],
        ),
        "<h2>What is damaged</h2>",
        _listed("Cannot be read", [f"{one['file']}: {one['reason']}" for one in found["unreadable"]]),
        *(
            _listed(title, manifest[key])
            for title, key in (
                ("In the manifest and not in the folder", "missing"),
                ("In the folder and not in the manifest", "unlisted"),
                ("Not what the manifest says (sha256)", "changed"),
            )
        ),
        "<h2>Duplicates</h2>",
        _listed("Copies", [_across(one) + " = ".join(one["files"]) for one in found["copies"]]),
        _listed(
            f"Near-duplicates, up to {near['up_to_bits']} of 64 bits of the perceptual hash apart "
            f"({near['across']} across classes)",
            [f"{_across(one)}{' ~ '.join(one['files'])} ({one['bits']} bits)" for one in near["pairs"]],
        ),
        "<h2>Sizes and colours</h2>",
        f'<p class="note">{_MEASURED}</p>',
        _table(
            ["class", "source", "n", *MEASURES],
            [
                [one["label"], one["source"], one["n"], *(_range(one[measure]) for measure in MEASURES)]
                for one in found["statistics"]
            ],
        ),
        f'<img alt="Box plots by class and source" src="{_inlined(plot(facts), "png")}">',
        "<h2>Contact sheets</h2>",
    ]
    for name, paths in sheets.items():
        parts.append(f"<h3>{escape(name)}</h3>" if paths else "")
        parts += [
            f'<img alt="{escape(path.stem)}" src="{_inlined(path.read_bytes(), "jpeg")}">' for path in paths
        ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Audit</title><style>{_STYLE}</style></head><body>" + "\n".join(parts) + "</body></html>\n"
    )


def plot(facts: Sequence[Facts]) -> bytes:
    """Box plots of four measures by source and class (the largest 24), as PNG."""
    cells: Dict[str, List[Facts]] = {}
    for one in facts:
        cells.setdefault(f"{one.item.source}: {one.item.label}", []).append(one)
    names = sorted(sorted(cells, key=lambda name: -len(cells[name]))[:_BOXES])
    plt = pyplot()
    figure, axes = plt.subplots(1, len(_PLOTTED), figsize=(3.2 * len(_PLOTTED), 5), squeeze=False)
    for axis, measure in zip(axes[0], _PLOTTED):
        axis.boxplot([[one.measures[measure] for one in cells[name]] for name in names], whis=(5, 95), sym="")
        axis.set_title(measure)
        axis.set_xticks(range(1, len(names) + 1))
        axis.set_xticklabels([name[-36:] for name in names], rotation=90, fontsize=7)
        axis.grid(axis="y", alpha=0.3)
    figure.tight_layout()
    file = BytesIO()
    figure.savefig(file, format="png", dpi=110)
    plt.close(figure)
    return file.getvalue()


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = ["".join(f"<th>{escape(cell)}</th>" for cell in head)]
    lines += ["".join(f"<td>{escape(str(cell))}</td>" for cell in row) for row in rows]
    return '<div class="wide"><table>' + "".join(f"<tr>{line}</tr>" for line in lines) + "</table></div>"


def _listed(title: str, lines: Sequence[str]) -> str:
    shown = "".join(f"<li>{escape(line)}</li>" for line in lines[:SHOWN])
    more = f"<p class=note>and {len(lines) - SHOWN} more in audit.json</p>" if len(lines) > SHOWN else ""
    return f"<p>{escape(title)}: {len(lines)}</p>" + (f"<ul>{shown}</ul>{more}" if lines else "")


def _across(one: Mapping[str, Any]) -> str:
    return "across classes: " if one["across"] else ""


def _range(percentiles: Sequence[float]) -> str:
    low, middle, high = (f"{value:.0f}" if value >= 10 else f"{value:.2f}" for value in percentiles)
    return f"{middle} ({low} to {high})"


def _inlined(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{b64encode(data).decode()}"
