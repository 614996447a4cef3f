"""The comparison for people: one Markdown page, and one HTML page that needs no other file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import List, Mapping, Sequence

from models.compare_cost_tables import Table
from models.compare_plots import Plot
from models.page import Section, document, facts, figure, gallery, listed, paragraph, picture, table

_LISTED = 200  # pictures that are not readable, at most


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
    for one in page.tables:
        parts += [f"## {one.title}", one.note, _markdown_table(one)]
    if page.appendix:
        parts.append(f"## {page.appendix_title}")
    for one in page.appendix:
        parts += [f"### {one.title}", _markdown_table(one)]
    return "\n\n".join(parts) + "\n"


def _markdown_table(of: Table) -> str:
    lines = [of.head, ["---"] * len(of.head), *of.rows]
    return "\n".join("| " + " | ".join(_plain(cell) for cell in line) + " |" for line in lines)


def _plain(text: str) -> str:
    """Text that ends no cell of a table."""
    return text.replace("|", "\\|")


def html(page: Page) -> str:
    """The tables and all plots, which are embedded."""
    lead = [facts(page.facts.items())]
    if page.unreadable:
        lead.append(listed("Not readable, left out", [*map(str, page.unreadable)], _LISTED, "compare.json"))
    sections: List[Section] = [
        (one.title, [paragraph(one.note, "note"), table(one.title, one.head, one.rows)])
        for one in page.tables
    ]
    sections += [
        (above, [gallery(figure(picture(plot.png, plot.caption), plot.caption) for plot in plots)])
        for above, plots in page.plots.items()
        if plots
    ]
    return document(page.title, lead, sections)
