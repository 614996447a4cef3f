"""`beffroi incidents`: what was seen, read from the database beside a running agent."""

from __future__ import annotations

import csv
import json
import os
import sys
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, Any, Dict, Iterator, List, Optional

import typer
from rich.table import Table

from agent.cli.console import stdout
from agent.config.loader import load, locate
from agent.domain.incident import Incident, Kind, State
from agent.errors import BeffroiError
from agent.store.database import open_for_reading
from agent.store.history import History, PastIncident

app = typer.Typer(help="Read the incidents that were stored.", no_args_is_help=True)

_CONFIG = typer.Option(None, "--config", "-c", help="The configuration that names the data folder.")
_FOLDER = typer.Option(None, "--folder", help="The data folder itself, without a configuration.")
_JSON = typer.Option(False, "--json", help="One JSON document.")
_KIND = typer.Option(None, "--kind", help="Only this kind.")
_STATE = typer.Option(None, "--state", help="Only this state.")
_CAMERA = typer.Option(None, "--camera", help="Only this camera.")
_SINCE = typer.Option(None, "--since", help="Only what began at or after this time (UTC).")
_LIMIT = typer.Option(50, "--limit", "-n", min=1, help="At most so many, the newest.")

_COLOURS = {Kind.FIRE: "bold red", Kind.START_FIRE: "dark_orange", Kind.CAMERA: "grey62"}


@app.command("list")
def list_(
    config: Optional[Path] = _CONFIG,
    folder: Optional[Path] = _FOLDER,
    kind: Optional[Kind] = _KIND,
    state: Optional[State] = _STATE,
    camera: Optional[str] = _CAMERA,
    since: Optional[datetime] = _SINCE,
    limit: int = _LIMIT,
    as_json: bool = _JSON,
) -> None:
    """The newest incidents, newest first."""
    with _history(config, folder) as history:
        found = history.list(kind=kind, state=state, camera=camera, since=_utc(since), limit=limit)
    if as_json:
        typer.echo(json.dumps([_row(incident) for incident in found], indent=2))
    elif not found:
        typer.echo("no incidents")
    else:
        stdout().print(_table(found))


@app.command()
def show(
    incident_id: str = typer.Argument(..., metavar="ID", help="The incident's id; its beginning is enough."),
    config: Optional[Path] = _CONFIG,
    folder: Optional[Path] = _FOLDER,
    as_json: bool = _JSON,
) -> None:
    """One incident: every change, its pictures, and who was told."""
    with _history(config, folder) as history:
        past = history.get(_complete(history, incident_id))
    if past is None:
        raise BeffroiError(
            f"there is no incident {incident_id}: `beffroi incidents list` shows those there are"
        )
    if as_json:
        typer.echo(json.dumps(_whole(past), indent=2))
        return
    console = stdout()
    console.print(_table([past.incident]))
    for entry in past.changes:
        change = entry.change
        told = ", ".join(f"{one.sink}: {one.state.value}" for one in entry.told) or "nobody was to be told"
        picture = entry.snapshot.annotated if entry.snapshot is not None else "no picture"
        console.print(f"{change.at:%Y-%m-%d %H:%M:%S}  {change.transition.value:12}  {picture}  ({told})")


@app.command()
def export(
    out: Optional[Path] = typer.Option(
        None, "--out", "-o", show_default="standard output", help="The CSV file to write."
    ),
    config: Optional[Path] = _CONFIG,
    folder: Optional[Path] = _FOLDER,
    kind: Optional[Kind] = _KIND,
    state: Optional[State] = _STATE,
    camera: Optional[str] = _CAMERA,
    since: Optional[datetime] = _SINCE,
    limit: int = typer.Option(1_000_000, "--limit", "-n", min=1, help="At most so many, the newest."),
) -> None:
    """Incidents as CSV, a line each."""
    with _history(config, folder) as history:
        found = history.list(kind=kind, state=state, camera=camera, since=_utc(since), limit=limit)
    if out is None:
        _write_csv(sys.stdout, found)
        return
    try:
        with out.open("w", newline="", encoding="utf-8") as target:
            _write_csv(target, found)
    except OSError as error:
        raise BeffroiError(f"{out}: it cannot be written: {error.strerror}") from error
    typer.echo(f"{len(found)} incidents written to {out}")


def _write_csv(target: IO[str], incidents: List[Incident]) -> None:
    writer = csv.DictWriter(target, fieldnames=_COLUMNS)
    writer.writeheader()
    writer.writerows(_row(incident) for incident in incidents)


_COLUMNS = [
    "id",
    "camera",
    "kind",
    "state",
    "severity",
    "first_seen",
    "last_seen",
    "confidence",
    "peak",
    "reason",
    "actor",
    "bundle",
    "drill",
]


@contextmanager
def _history(config: Optional[Path], folder: Optional[Path]) -> Iterator[History]:
    if folder is None:
        folder = load(locate(config, os.environ), os.environ).store.folder
    database = open_for_reading(folder / "beffroi.db")
    try:
        yield History(database)
    finally:
        database.close()


def _utc(given: Optional[datetime]) -> Optional[datetime]:
    return None if given is None else given.replace(tzinfo=timezone.utc)


def _complete(history: History, beginning: str) -> str:
    """The one id that begins like this; `beginning` itself where it is none's or several's."""
    matches = [one.id for one in history.list(limit=1_000_000) if one.id.startswith(beginning)]
    return matches[0] if len(matches) == 1 else beginning


def _row(incident: Incident) -> Dict[str, Any]:
    return {
        "id": incident.id,
        "camera": incident.camera,
        "kind": incident.kind.value,
        "state": incident.state.value,
        "severity": incident.severity.value,
        "first_seen": incident.first_seen.isoformat(),
        "last_seen": incident.last_seen.isoformat(),
        "confidence": round(incident.confidence, 4),
        "peak": round(incident.peak, 4),
        "reason": incident.reason,
        "actor": incident.actor,
        "bundle": incident.model.bundle if incident.model is not None else None,
        "drill": incident.drill,
    }


def _whole(past: PastIncident) -> Dict[str, Any]:
    changes: List[Dict[str, Any]] = []
    for entry in past.changes:
        snapshot = entry.snapshot
        changes.append(
            {
                "transition": entry.change.transition.value,
                "at": entry.change.at.isoformat(),
                "sequence": entry.change.incident.sequence,
                "kind": entry.change.incident.kind.value,
                "confidence": round(entry.change.incident.confidence, 4),
                "recorded_at": entry.recorded_at.isoformat(),
                "annotated": None if snapshot is None else str(snapshot.annotated),
                "clean": None if snapshot is None else str(snapshot.clean),
                "told": {one.sink: one.state.value for one in entry.told},
            }
        )
    return {**_row(past.incident), "changes": changes}


def _table(incidents: List[Incident]) -> Table:
    table = Table()
    table.add_column("id", no_wrap=True)
    table.add_column("began (UTC)", no_wrap=True)
    for column in ("kind", "state", "camera", "peak", "last seen"):
        table.add_column(column)
    for incident in incidents:
        table.add_row(
            incident.id,
            f"{incident.first_seen:%Y-%m-%d %H:%M:%S}",
            _kind(incident),
            incident.state.value,
            incident.camera,
            f"{incident.peak:.0%}",
            f"{incident.last_seen:%H:%M:%S}",
        )
    return table


def _kind(incident: Incident) -> str:
    if incident.drill:
        return f"{incident.kind.value} (drill)"
    return f"[{_COLOURS.get(incident.kind, 'white')}]{incident.kind.value}[/]"
