"""One way to print tables: as wide as the terminal, and wide enough where there is none."""

from __future__ import annotations

from rich.console import Console

_PIPED = 160


def stdout() -> Console:
    """For standard output; a pipe or a file gets lines that are not folded at 80 columns."""
    console = Console()
    return console if console.is_terminal else Console(width=_PIPED)
