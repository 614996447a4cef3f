"""`beffroi models`: the model bundles that are installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

import typer
from rich.table import Table

from agent.cli.console import stdout
from agent.errors import BundleError
from agent.inference.bundle import load_bundle, shipped

_UNMEASURED = dict.fromkeys(("face-detection", "face-embedding", "object-detection"), "see its card")
"""One number says nothing of them."""

app = typer.Typer(help="The models that can be used.", no_args_is_help=True)


@app.callback()
def root() -> None:
    """The models that can be used."""


@app.command("list")
def list_(as_json: bool = typer.Option(False, "--json", help="One JSON document.")) -> None:
    """The installed bundles, each verified; exit code 3 where one is damaged."""
    rows = [_row(folder) for folder in shipped()]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
    elif not rows:
        typer.echo("no bundles are installed: give fire.bundle a folder, or install the package again")
    else:
        stdout().print(_table(rows))
    if any(row["error"] for row in rows):
        raise typer.Exit(BundleError.exit_code)


def _row(folder: Path) -> Dict[str, Any]:
    try:
        bundle = load_bundle(str(folder))
    except BundleError as error:
        return {"name": folder.name, "error": str(error)}
    manifest = bundle.manifest
    return {
        "name": manifest.name,
        "version": manifest.version,
        "task": manifest.task,
        "precision": manifest.precision,
        "size": [manifest.input.width, manifest.input.height],
        "bytes": bundle.model.stat().st_size,
        "sha256": manifest.sha256,
        "thresholds": manifest.thresholds,
        "accuracy": manifest.metrics.get("test", {}).get("accuracy"),
        "licence": manifest.licence,
        "error": None,
    }


def _table(rows: List[Dict[str, Any]]) -> Table:
    table = Table("name", "version", "task", "precision", "input", "MB", "accuracy", "sha256")
    for row in rows:
        if row["error"]:
            table.add_row(row["name"], "[red]damaged[/red]", row["error"])
            continue
        accuracy = _UNMEASURED.get(row["task"], "not measured")
        if row["accuracy"] is not None:
            accuracy = f"{row['accuracy']:.1%}"
        table.add_row(
            row["name"],
            row["version"],
            row["task"],
            row["precision"],
            "x".join(map(str, row["size"])),
            f"{row['bytes'] / 1e6:.1f}",
            accuracy,
            row["sha256"][:12],
        )
    return table
