"""What pages for people share: one HTML file with its pictures inside, which asks for nothing else.

What these functions are given is text, and escaped, unless it is Markup.
"""

from __future__ import annotations

import re
from base64 import b64encode
from html import escape
from typing import Iterable, NewType, Sequence, Tuple

Markup = NewType("Markup", str)
"""HTML. Only the functions of this module make it."""

Section = Tuple[str, Sequence[Markup]]
"""A title, and what stands below it."""

_FOLDED = 10  # lines of a list from which on it is unfolded by hand
_KINDS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg"}
_FIGURE = re.compile(r"([+-]?\d[\d.,]*)(?: (\(.+\)))?")  # a number, perhaps with its interval
_NONE = "-"
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --ink: #222; --soft: #555; --line: #ccc; --paper: #fff; --link: #0b57d0;
  --warn: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ddd; --soft: #aaa; --line: #4a4a4a; --paper: #181818; --link: #8ab4f8; --warn: #f2b8b5; }
  img[src^="data:image/png"] { filter: brightness(.85); } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 80rem;
  margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; } a { color: var(--link); }
nav ol { columns: 17rem; padding-left: 2.2rem; } p, li, dd, figcaption { max-width: 60rem; }
.note, small, dt, figcaption { color: var(--soft); } .note, table, figcaption { font-size: .9rem; }
.warning { border-left: 4px solid var(--warn); padding-left: .8rem; }
dl { display: grid; grid-template-columns: fit-content(35%) 1fr; gap: .2rem 1rem; } dd { margin: 0; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: left;
  overflow-wrap: break-word; }
thead th { border-bottom: 2px solid var(--soft); vertical-align: bottom; }
th.n, td.n { text-align: right; } td small { display: block; white-space: nowrap; font-size: inherit; }
tbody th { font-weight: normal; }
th:first-child { position: sticky; left: 0; background: var(--paper); max-width: min(18rem, 40vw); }
figure { margin: 0 0 1rem; } figcaption { white-space: pre-line; margin-top: .2rem; }
img { display: block; max-width: 100%; height: auto; }
.gallery { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); }
.wide + .gallery { margin-top: 1.5rem; } .gallery img { width: 100%; }
.small { gap: .5rem; max-width: 60rem;
  grid-template-columns: repeat(auto-fill, minmax(min(14rem, 45%), 1fr)); }
.small figure { margin: 0; } .small + figcaption { color: var(--ink); margin-bottom: 2rem; }
@media (max-width: 60rem) { .wide img { max-width: none; } th, td { padding: .3rem .4rem; } }
"""


def document(title: str, lead: Iterable[Markup], sections: Sequence[Section]) -> str:
    """The file: `title`, `lead`, contents, `sections`."""
    contents = [f'<li><a href="#part{n}">{escape(name)}</a></li>' for n, (name, _) in enumerate(sections)]
    parts = [f"<h1>{escape(title)}</h1>", *lead, f"<nav><ol>{''.join(contents)}</ol></nav>"]
    for number, (name, body) in enumerate(sections):
        parts += [f'<h2 id="part{number}">{escape(name)}</h2>', *body]
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body>\n" + "\n".join(parts) + "\n</body></html>\n"
    )


def paragraph(text: str, kind: str = "") -> Markup:
    """`kind`: "note", what is by the way; "warning"; or neither."""
    return Markup(f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>")


def facts(known: Iterable[Tuple[str, str]]) -> Markup:
    """Names, and what is known of each."""
    pairs = (f"<dt>{escape(name)}</dt><dd>{escape(fact)}</dd>" for name, fact in known)
    return Markup(f"<dl>{''.join(pairs)}</dl>")


def listed(title: str, lines: Sequence[str], most: int, rest: str) -> Markup:
    """How many `lines` there are and the first of them, at most `most`; the file `rest` has the others."""
    if not lines:
        return paragraph(f"{title}: 0")
    shown = "".join(f"<li>{escape(line)}</li>" for line in lines[:most])
    more = paragraph(f"and {len(lines) - most} more in {rest}", "note") if len(lines) > most else ""
    unfolded = " open" if len(lines) <= _FOLDED else ""
    summary = f"<summary>{escape(title)}: {len(lines)}</summary>"
    return Markup(f"<details{unfolded}>{summary}<ul>{shown}</ul>{more}</details>")


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> Markup:
    """`rows` are as wide as `head`, or ValueError; the first column names them. Numbers stand right."""
    cells = [[str(cell) for cell in row] for row in rows]
    for row in cells:
        if len(row) != len(head):
            raise ValueError(f"{title}: {len(row)} cells below {len(head)} names of columns")
    marks = ["", *(_mark([row[index] for row in cells]) for index in range(1, len(head)))]
    top = "".join(f'<th scope="col"{mark}>{escape(name)}</th>' for name, mark in zip(head, marks))
    lines = [
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td{mark}>{_cell(cell)}</td>" for cell, mark in zip(row[1:], marks[1:]))
        + "</tr>"
        for row in cells
    ]
    body = "".join(lines) or f'<tr><th scope="row" colspan="{len(head)}">none</th></tr>'
    whole = f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    return wide(title, Markup(whole))


def _mark(column: Sequence[str]) -> str:
    told = [cell for cell in column if cell != _NONE]
    return ' class="n"' if told and all(map(_FIGURE.fullmatch, told)) else ""


def _cell(text: str) -> str:
    """An interval stands below its number."""
    found = _FIGURE.fullmatch(text)
    if found is None or found[2] is None:
        return escape(text)
    return f"{found[1]} <small>{escape(found[2])}</small>"


def wide(title: str, content: Markup) -> Markup:
    """What a phone shows by and by, scrolled sideways by finger or keys, instead of too small."""
    return Markup(
        f'<div class="wide" role="region" tabindex="0" aria-label="{escape(title)}">{content}</div>'
    )


def picture(data: bytes, shows: str) -> Markup:
    """A PNG or JPEG file, and what it shows, for who cannot see it. Raises ValueError without either."""
    kind = next((kind for start, kind in _KINDS.items() if data.startswith(start)), None)
    if kind is None:
        raise ValueError(f"neither PNG nor JPEG: begins with {data[:8]!r}")
    if not shows.strip():
        raise ValueError("a picture on a page says what it shows")
    return Markup(f'<img alt="{escape(shows)}" src="data:image/{kind};base64,{b64encode(data).decode()}">')


def figure(content: Markup, caption: str) -> Markup:
    """Pictures, and the lines below them."""
    return Markup(f"<figure>{content}<figcaption>{escape(caption)}</figcaption></figure>")


def gallery(figures: Iterable[Markup], *, small: bool = False) -> Markup:
    """As many side by side as there is room for; `small` ones are side by side on a phone, too."""
    return Markup(f'<div class="gallery{" small" if small else ""}">{"".join(figures)}</div>')
