"""`beffroi check`: is the configuration right, and with --connect, can everything in it be reached?"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Dict, List, Optional

import typer
from rich.console import Console

from agent.assembly.objects import objects_bundle
from agent.cli import check_report
from agent.cli.connections import Outcome, attempt, trials_of
from agent.clock import SystemClock
from agent.config.doubts import doubts
from agent.config.loader import load, locate
from agent.config.settings import Settings
from agent.errors import BundleError, ConfigError, SourceError

CONFIG = typer.Argument(
    None,
    show_default=False,
    help="The YAML file. [$BEFFROI_CONFIG, else ./beffroi.yaml, else /etc/beffroi/beffroi.yaml]",
)


def check(
    config: Optional[Path] = CONFIG,
    connect: bool = typer.Option(False, "--connect", help="Also try each camera, the broker and the bot."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Check the configuration: 0 all right, 2 it is wrong, 5 something in it cannot be reached."""
    try:
        path = locate(config, os.environ)
        settings = load(path, os.environ)
    except ConfigError as error:
        _refuse(error, as_json)
        raise typer.Exit(error.exit_code) from None
    warnings = [*doubts(settings, path), *_missing(settings)]
    console = Console()
    outcomes: List[Outcome] = []
    if not as_json:
        check_report.show(settings, console)
        for warning in warnings:
            _line(console, f"warning: {warning}")
    if connect:
        clock = SystemClock()
        for outcome in attempt(trials_of(settings, clock), clock):
            outcomes.append(outcome)
            if not as_json:
                _line(console, f"{outcome.what}: {'OK, ' if outcome.ok else 'failed: '}{outcome.text}")
    reached = all(outcome.ok for outcome in outcomes)
    if as_json:
        typer.echo(json.dumps(_report(settings, path, warnings, outcomes, reached)))
    elif reached:
        _line(console, f"{path} is right.")
    if not reached:
        raise typer.Exit(SourceError.exit_code)


def _missing(settings: Settings) -> List[str]:
    """That the model which boxes things is not there, where it is needed."""
    if not (check_report.watches_things(settings) or settings.faces.look_in == "people"):
        return []
    try:
        objects_bundle(settings)
    except BundleError as error:
        return [f"nothing is looked for but fire where people and things should be: {error}"]
    return []


def _refuse(error: ConfigError, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"ok": False, "errors": check_report.errors(error)}))
        return
    typer.echo(str(error), err=True)


def _report(
    settings: Settings, path: Path, warnings: List[str], outcomes: List[Outcome], ok: bool
) -> Dict[str, Any]:
    return {
        "ok": ok,
        "config": str(path),
        "errors": [],
        "warnings": warnings,
        "would_run": check_report.summary(settings),
        "connections": [vars(outcome) for outcome in outcomes],
    }


def _line(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
