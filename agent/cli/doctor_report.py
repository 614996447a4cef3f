"""How `beffroi doctor` tells what it found: a table on a terminal, lines in a pipe, JSON for programs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.doctor.finding import Status
from agent.doctor.running import Result
from agent.errors import BeffroiError
from agent.version import VERSION

_FORMAT = 1
_WIDTH = 116
_LOOKS = {
    Status.OK: ("OK", "green"),
    Status.WARNING: ("warning", "yellow"),
    Status.FAILED: ("FAILED", "bold red"),
    Status.NOT_APPLICABLE: ("n/a", "bright_black"),
}


def document(results: Sequence[Result], config: Optional[Path]) -> Dict[str, Any]:
    """As JSON has it; docs/doctor.md describes it. A change that breaks readers raises `format`."""
    return {
        "format": _FORMAT,
        "version": VERSION,
        "config": None if config is None else str(config),
        "ok": all(result.finding.status is not Status.FAILED for result in results),
        "checks": [
            {
                "name": result.name,
                "status": result.finding.status.value,
                "found": result.finding.found,
                "remedy": result.finding.remedy,
            }
            for result in results
        ],
    }


def show(results: Sequence[Result], console: Optional[Console] = None) -> None:
    """On standard output, or on `console`."""
    console = console or Console()
    if console.is_terminal:
        console.print(_table(results))
        console.print(_sum(results), highlight=False)
        return
    for line in _lines(results):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def save_svg(results: Sequence[Result], path: Path) -> None:
    """The table as a picture, for the documentation. Raises BeffroiError where it cannot be written."""
    console = Console(record=True, width=_WIDTH, force_terminal=True, file=io.StringIO())
    show(results, console)
    try:
        path.write_text(console.export_svg(title="beffroi doctor", unique_id="doctor"), encoding="utf-8")
    except OSError as error:
        raise BeffroiError(f"{path}: it cannot be written: {error.strerror}") from error


def _table(results: Sequence[Result]) -> Table:
    table = Table("check", "", "what was found, and what to do", box=None, padding=(0, 2, 0, 0))
    table.columns[0].no_wrap = table.columns[1].no_wrap = True
    for result in results:
        word, style = _LOOKS[result.finding.status]
        quiet = result.finding.status is Status.NOT_APPLICABLE
        told = Text(result.finding.found, style="bright_black" if quiet else "")
        if result.finding.remedy:
            told.append(f"\n→ {result.finding.remedy}", style=style)
        table.add_row(
            Text(result.name, style="bright_black" if quiet else "bold"), Text(word, style=style), told
        )
    return table


def _lines(results: Sequence[Result]) -> List[str]:
    widest = max((len(result.name) for result in results), default=0)
    lines = []
    for result in results:
        word, _ = _LOOKS[result.finding.status]
        indent = f"{'':{widest}}  {'':7}  "
        found = result.finding.found.replace("\n", f"\n{indent}")
        lines.append(f"{result.name:{widest}}  {word:7}  {found}")
        if result.finding.remedy:
            lines.append(f"{indent}-> {result.finding.remedy}")
    return [*lines, _sum(results)]


def _sum(results: Sequence[Result]) -> str:
    counts = {status: sum(result.finding.status is status for result in results) for status in Status}
    return (
        f"failed: {counts[Status.FAILED]}, warnings: {counts[Status.WARNING]}, OK: {counts[Status.OK]}, "
        f"not applicable: {counts[Status.NOT_APPLICABLE]}"
    )
