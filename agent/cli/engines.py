"""`beffroi engines`: what TensorRT built on this device, and having it build."""

from __future__ import annotations

import json
import os
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from agent.assembly.objects import objects_bundle
from agent.cli.console import stdout
from agent.clock import SystemClock
from agent.config.loader import load, locate
from agent.config.settings import Settings
from agent.engines import progress as stages
from agent.engines.keeper import build_noted
from agent.engines.key import EngineKey
from agent.engines.lock import building
from agent.engines.machine import Toolkit, find_toolkit
from agent.engines.order import Order, key_of, order
from agent.engines.record import Record
from agent.engines.shelf import Shelf
from agent.engines.workshop import Workshop
from agent.errors import BeffroiError, BundleError, EngineError
from agent.faces.bundles import face_bundles
from agent.inference.bundle import Bundle, load_bundle

_HELP = """The engines that TensorRT built on this device.

An engine is a model compiled for one GPU and one version of TensorRT. The daemon builds what it needs by
itself and looks with ONNX Runtime meanwhile; `build` does it beforehand, as an installation does. Run it as
the agent's user, so that the daemon may replace what it leaves.
"""

app = typer.Typer(help=_HELP, no_args_is_help=True)

_CONFIG = typer.Option(
    None,
    "--config",
    "-c",
    help="The configuration. [$BEFFROI_CONFIG, else ./beffroi.yaml, else /etc/beffroi/beffroi.yaml]",
)
_FOLDER = typer.Option(None, "--folder", help="The data folder itself, without a configuration.")
_JSON = typer.Option(False, "--json", help="One JSON document.")


@app.callback()
def root() -> None:
    pass


@app.command()
def build(
    config: Optional[Path] = _CONFIG,
    anew: bool = typer.Option(False, "--anew", help="Also where there is such an engine already."),
    as_json: bool = _JSON,
) -> None:
    """Build the engines that the configuration asks for, and hold them against ONNX Runtime.

    That of fire comes first, then those of faces and of objects, where a camera looks for any. It takes
    minutes on a Jetson. A new engine that does not see what ONNX Runtime sees is not used; the one before it
    stays. Exit code 0: the engines are there; 8: one cannot be built here (no TensorRT, no GPU, or TensorRT
    refuses the model or the precision), and the message says what to do; 2: the configuration is wrong; 3: a
    bundle is.
    """
    settings = load(locate(config, os.environ), os.environ)
    toolkit = find_toolkit()

    def built(bundles: List[Bundle]) -> List[Dict[str, Any]]:
        wanted = (order(settings, bundle, anew=anew) for bundle in bundles)
        return [_built(one, toolkit, quiet=as_json) for one in wanted]

    fire = _built(order(settings, anew=anew), toolkit, quiet=as_json)
    faces, objects = built(_of_faces(settings, make=True)), built(_of_objects(settings))
    if as_json:
        typer.echo(json.dumps({**fire, "faces": faces, "objects": objects}, indent=2))


def _built(wanted: Order, toolkit: Toolkit, *, quiet: bool) -> Dict[str, Any]:
    """The engine of an order, built where it is not there yet, as a row."""
    shelf = Shelf(wanted.data)
    key = _key(wanted, toolkit)
    found = None if wanted.anew else shelf.get(key)
    if found is None:
        with _shown() as progress:
            clock = SystemClock()
            build_noted(Workshop(clock), shelf, wanted, toolkit, clock, threading.Event(), progress)
    stored = found or shelf.get(key)
    if stored is None:
        raise EngineError(f"{key.name} was built, but is not in {shelf.folder}: is the disk healthy?")
    if not quiet:
        typer.echo(f"{key.name} is {'there already' if found else 'built'}.")
        for note in stored.record.notes:
            typer.echo(f"Note: {note}.")
    return {"built": found is None, **_row(stored.record, [key])}


@app.command("list")
def list_(config: Optional[Path] = _CONFIG, folder: Optional[Path] = _FOLDER, as_json: bool = _JSON) -> None:
    """The engines that are there, the newest first, and what could not be built."""
    shelf, present = _shelf(config, folder)
    rows = [_row(kept, present) for kept in shelf.records()]
    failures = [
        {"name": name, "at": failure.at.isoformat(), "why": failure.why}
        for name, failure in shelf.failures().items()
    ]
    if as_json:
        typer.echo(json.dumps({"engines": rows, "failures": failures}, indent=2))
        return
    if rows:
        stdout().print(_table(rows))
    else:
        typer.echo(f"no engines in {shelf.folder}: `beffroi engines build` builds one where TensorRT is")
    for failed in failures:
        typer.echo(f"failed: {failed['name']} at {failed['at']}: {failed['why']}")


@app.command()
def prune(config: Optional[Path] = _CONFIG, folder: Optional[Path] = _FOLDER, as_json: bool = _JSON) -> None:
    """Delete old engines: the present one and the one before it are kept, for each model."""
    shelf, present = _shelf(config, folder)
    waiting = Console(stderr=True)
    with building(shelf.folder, lambda: waiting.print("waiting for a build to end ...")):
        removed = shelf.prune(present or [])
    if as_json:
        typer.echo(json.dumps({"removed": [kept.key.name for kept in removed]}))
        return
    for kept in removed:
        typer.echo(f"deleted {kept.key.name} ({kept.size / 1e6:.1f} MB)")
    typer.echo(f"{len(removed)} deleted, {len(shelf.records())} kept.")


def _key(wanted: Order, toolkit: Toolkit) -> EngineKey:
    return key_of(load_bundle(str(wanted.bundle)), wanted.recipe, toolkit)


def _shelf(config: Optional[Path], folder: Optional[Path]) -> Tuple[Shelf, Optional[List[EngineKey]]]:
    """And the keys that the configuration asks for, where they can be known here."""
    if folder is not None:
        return Shelf(folder), None
    settings = load(locate(config, os.environ), os.environ)
    return Shelf(settings.store.folder), _present(settings)


def _present(settings: Settings) -> Optional[List[EngineKey]]:
    try:
        beside = [*_of_faces(settings, make=False), *_of_objects(settings)]
        orders = [order(settings), *(order(settings, bundle) for bundle in beside)]
        toolkit = find_toolkit()
        return [_key(wanted, toolkit) for wanted in orders]
    except BeffroiError:
        return None


def _of_faces(settings: Settings, *, make: bool) -> List[Bundle]:
    return [] if settings.faces.backend == "onnxruntime" else face_bundles(settings, make=make)


def _of_objects(settings: Settings) -> List[Bundle]:
    """What boxes things for rules, and flames for fire."""
    if settings.objects.backend == "onnxruntime":
        return []
    if any(camera.enabled and camera.objects.wanted for camera in settings.cameras):
        return [objects_bundle(settings)]
    if not settings.fire.boxes:
        return []
    try:
        bundle = objects_bundle(settings)
    except BundleError:
        return []  # the classifier looks alone then
    classifier = load_bundle(settings.fire.bundle, "fire-classification").manifest
    fusion = bundle.manifest.fusion
    return [bundle] if fusion is not None and fusion.classifier_sha256 == classifier.sha256 else []


@contextmanager
def _shown() -> Iterator[stages.Progress]:
    """A bar on standard error; a line for each stage where that is no terminal."""
    console = Console(stderr=True, soft_wrap=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting", total=None)
        last = ""

        def tell(stage: str, share: Optional[float]) -> None:
            nonlocal last
            if stage != last and not console.is_terminal:
                console.print(stage, highlight=False)
            last = stage
            bar.update(task, description=stage, total=None if share is None else 1.0, completed=share or 0.0)

        yield tell


def _row(kept: Record, present: Optional[List[EngineKey]]) -> Dict[str, Any]:
    key = kept.key
    return {
        "name": key.name,
        "bundle": key.bundle,
        "precision": key.precision,
        "present": None if present is None else key in present,
        "tensorrt": key.machine.tensorrt,
        "gpu": key.machine.gpu,
        "compute_capability": key.machine.compute_capability,
        "dla_core": key.recipe.dla_core,
        "batches": list(key.recipe.batches),
        "bytes": kept.size,
        "built_at": kept.built_at.isoformat(),
        "build_s": kept.build_s,
        "parity": vars(kept.parity),
        "notes": list(kept.notes),
    }


def _table(rows: List[Dict[str, Any]]) -> Table:
    table = Table(
        "name", "precision", "TensorRT", "GPU", "MB", "built (UTC)", "in s", "largest error", "present"
    )
    for row in rows:
        table.add_row(
            row["name"],
            row["precision"],
            row["tensorrt"],
            f"{row['gpu']} ({row['compute_capability']})",
            f"{row['bytes'] / 1e6:.1f}",
            row["built_at"][:16].replace("T", " "),
            f"{row['build_s']:.0f}",
            f"{row['parity']['max_error']:.4f}",
            {None: "not known here", True: "yes", False: "no"}[row["present"]],
        )
    return table
