"""The comparison for people: one Markdown page, and one HTML page that needs no other file."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import List, Mapping, Sequence

from models.compare_conditions import Conditions
from models.compare_measure import Comparison
from models.compare_plots import (
    History,
    Plot,
    alarm_curves,
    confusion,
    learning_curves,
    reliable,
    trade_offs,
)
from models.compare_tables import Table, confusion_table, tables

_TITLE = "Fire models compared"

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 72rem; margin: 0 auto; padding: 1rem; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
p.note, figcaption { color: #555; font-size: .9rem; }
div.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .7rem; border-bottom: 1px solid #ddd; text-align: right; white-space: nowrap; }
th { text-align: right; border-bottom: 2px solid #999; }
th:first-child, td:first-child { text-align: left; position: sticky; left: 0; background: #fff; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt { color: #555; } dd { margin: 0; overflow-wrap: anywhere; }
div.plots { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { margin: 0; flex: 1 1 20rem; max-width: 36rem; } img { width: 100%; height: auto; }
"""


def markdown(found: Comparison, known: Conditions) -> str:
    """Conditions, tables, confusion matrices."""
    parts = [f"# {_TITLE}", "\n".join(f"- {name}: {line}" for name, line in known.lines().items())]
    parts += [f"- Not readable, left out: {_plain(str(path))}" for path in found.unreadable]
    for table in tables(found):
        parts += [f"## {table.title}", table.note, _markdown_table(table)]
    parts.append("## Confusion matrices")
    for one in found.bundles:
        table = confusion_table(one)
        parts += [f"### {table.title}", _markdown_table(table)]
    return "\n\n".join(parts) + "\n"


def _markdown_table(table: Table) -> str:
    lines = [table.head, ["---"] * len(table.head), *table.rows]
    return "\n".join("| " + " | ".join(_plain(cell) for cell in line) + " |" for line in lines)


def _plain(text: str) -> str:
    """Text that ends no cell of a table."""
    return text.replace("|", "\\|")


def html(found: Comparison, known: Conditions, histories: Mapping[str, History]) -> str:
    """The tables and all plots, which are embedded."""
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(line)}</dd>" for name, line in known.lines().items())
    unread = "".join(f"<dt>Not readable</dt><dd>{escape(str(path))}</dd>" for path in found.unreadable)
    parts = [f"<h1>{_TITLE}</h1>", f"<dl>{facts}{unread}</dl>"]
    for table in tables(found):
        parts += [
            f"<h2>{escape(table.title)}</h2>",
            f'<p class="note">{escape(table.note)}</p>',
            _html_table(table),
        ]
    for title, plots in (
        ("What accuracy costs", trade_offs(found.bundles)),
        ("Fire or not", alarm_curves(found.bundles)),
        ("Confusion matrices", [confusion(one) for one in found.bundles]),
        ("Reliability", [reliable(one) for one in found.bundles]),
        ("Learning curves", learning_curves(found.bundles, histories)),
    ):
        if plots:
            parts += [f"<h2>{title}</h2>", _figures(plots)]
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{_TITLE}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n" + "\n".join(parts) + "\n</body>\n</html>\n"
    )


def _html_table(table: Table) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.head)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _figures(plots: Sequence[Plot]) -> str:
    figures: List[str] = []
    for plot in plots:
        data, caption = b64encode(plot.png).decode("ascii"), escape(plot.caption)
        figures.append(
            f'<figure><img src="data:image/png;base64,{data}" alt="{caption}">'
            f"<figcaption>{caption}</figcaption></figure>"
        )
    return f'<div class="plots">{"".join(figures)}</div>'
