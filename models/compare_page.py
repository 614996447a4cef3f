"""The comparison for people: one Markdown page, and one HTML page that needs no other file."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import List, Mapping, Sequence

from models.compare_cost_tables import Table
from models.compare_plots import Plot

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


@dataclass(frozen=True)
class Page:
    """What both say: what is known of the conditions, tables, then more of them (`appendix`, under a title
    of its own) in Markdown, for which HTML has plots, by the title above them."""

    title: str
    facts: Mapping[str, str]
    unreadable: Sequence[Path]
    tables: Sequence[Table]
    plots: Mapping[str, Sequence[Plot]]
    appendix: Sequence[Table] = ()
    appendix_title: str = ""


def markdown(page: Page) -> str:
    """Conditions and tables."""
    parts = [f"# {page.title}", "\n".join(f"- {name}: {line}" for name, line in page.facts.items())]
    parts += [f"- Not readable, left out: {_plain(str(path))}" for path in page.unreadable]
    for table in page.tables:
        parts += [f"## {table.title}", table.note, _markdown_table(table)]
    if page.appendix:
        parts.append(f"## {page.appendix_title}")
    for table in page.appendix:
        parts += [f"### {table.title}", _markdown_table(table)]
    return "\n\n".join(parts) + "\n"


def _markdown_table(table: Table) -> str:
    lines = [table.head, ["---"] * len(table.head), *table.rows]
    return "\n".join("| " + " | ".join(_plain(cell) for cell in line) + " |" for line in lines)


def _plain(text: str) -> str:
    """Text that ends no cell of a table."""
    return text.replace("|", "\\|")


def html(page: Page) -> str:
    """The tables and all plots, which are embedded."""
    title = escape(page.title)
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(line)}</dd>" for name, line in page.facts.items())
    unread = "".join(f"<dt>Not readable</dt><dd>{escape(str(path))}</dd>" for path in page.unreadable)
    parts = [f"<h1>{title}</h1>", f"<dl>{facts}{unread}</dl>"]
    for table in page.tables:
        parts += [
            f"<h2>{escape(table.title)}</h2>",
            f'<p class="note">{escape(table.note)}</p>',
            _html_table(table),
        ]
    for above, plots in page.plots.items():
        if plots:
            parts += [f"<h2>{escape(above)}</h2>", _figures(plots)]
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
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
