"""`beffroi demo`: see the whole way, from a burning street to a subscriber's screen, within a minute."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import typer

from agent import logs
from agent.clock import SystemClock
from agent.demo.story import tell


def demo(
    folder: Optional[Path] = typer.Option(
        None,
        "--folder",
        show_default="a new folder under /tmp",
        help="Where to keep the database and the pictures.",
    ),
    seed: int = typer.Option(7, "--seed", help="Which street, which fire."),
) -> None:
    """Watch a rendered street catch fire, and follow the incident to an MQTT subscriber.

    Exit code 0 when the incident opened, escalated to fire, was stored with its pictures, and arrived.
    """
    logs.configure("warning")
    if not tell(folder, seed, SystemClock()):
        raise typer.Exit(1)
