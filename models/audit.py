"""Look at a folder of labelled pictures before training on it, and split it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from models import split
from models.audit_findings import contradictions, document
from models.audit_groups import grouped, pattern_of
from models.audit_page import page
from models.audit_sheets import draw_sheets
from models.audit_survey import survey
from models.data import DataError, Item, class_names, read_folder
from models.near import manifest_rows, near_pairs

ENOUGH = 20
"""Pictures of each of at least two classes that a source must have to be held out."""


def data(
    folder: Path = typer.Argument(
        ..., help="Holds one folder of pictures per class; a manifest.csv tells sources, licences and groups."
    ),
    out: Path = typer.Option(..., "--out", help="Where audit.html, audit.json and sheets/ go."),
    split_to: Optional[Path] = typer.Option(
        None, "--split-to", help="Write a split by content here: sha256,label,group,part."
    ),
    cross_source: bool = typer.Option(
        False,
        "--cross-source",
        help="Write a split per source that is held out, as DIR/split-without-SOURCE.csv.",
    ),
    seed: int = typer.Option(1, "--seed", help="Of the splits, and of what the sheets show."),
    frames: Optional[str] = typer.Option(
        None,
        "--frames",
        help="A regular expression of the names of frames, without suffix; its group is the video's name. "
        "Without it, names such as clip_mp4-12 and clip_frame_0012 tell.",
    ),
    pages: int = typer.Option(
        4, "--pages", min=0, help="Contact sheets of 80 pictures per class; 0 for all."
    ),
    force: bool = typer.Option(False, "--force", help="Write splits over those that are there."),
    as_json: bool = typer.Option(False, "--json", help="Print the content of audit.json."),
) -> None:
    """Audit FOLDER/class/picture: damage, duplicates, sizes, colours, sources, licences; and split it.

    What is alike never straddles a split: copies, near-duplicates, frames of a video, and what the manifest
    puts in one group. Parts are 70 / 15 / 15 %, stratified by class and source.

    --cross-source holds each source out in turn that has 20 pictures of two classes: it is the test part, and
    what is alike elsewhere is left out. Look at the sheets, above all at those of pictures that look alike
    and are labelled otherwise.
    """
    pattern = pattern_of(frames)
    if folder.resolve() in (out.resolve(), *out.resolve().parents):
        raise DataError(f"{out} is in {folder}, where folders are classes: choose --out elsewhere")
    labels = class_names(folder)
    items = read_folder(folder, labels)
    held_out = {source: out / _file_of(source) for source in _sources(items)} if cross_source else {}
    _refuse([*held_out.values(), *([split_to] if split_to else [])], force=force)
    surveyed = survey(folder, items)
    if not surveyed.facts:
        raise DataError(f"none of the {len(items)} pictures in {folder} can be read")
    pairs = near_pairs(np.concatenate([one.bits for one in surveyed.facts]))
    rows = manifest_rows(folder)
    tied = grouped(surveyed.facts, pairs, rows, pattern)
    found = document(folder, labels, surveyed, pairs, rows, tied)
    sheets = draw_sheets(out / "sheets", surveyed.facts, contradictions(found), pages, seed)
    found["splits"] = _write_splits(tied, split_to, held_out, seed)
    (out / "audit.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    (out / "audit.html").write_text(page(found, surveyed.facts, sheets), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    else:
        _print(found, out / "audit.html")


def _sources(items: Sequence[Item]) -> List[str]:
    """Those that can be held out. Raises DataError where there is none, or nothing would be left."""
    counts: Dict[str, Counter[str]] = defaultdict(Counter)
    for item in items:
        counts[item.source][item.label] += 1
    fit = [
        source
        for source, count in sorted(counts.items())
        if sum(number >= ENOUGH for number in count.values()) >= 2
    ]
    if len(counts) < 2 or not fit:
        raise DataError(
            f"--cross-source needs a source with {ENOUGH} pictures of two classes, and another: "
            "name the sources in manifest.csv (columns file, source_repo)"
        )
    return fit


def _file_of(source: str) -> str:
    return f"split-without-{split.in_file_names(source)}.csv"


def _refuse(files: Sequence[Path], *, force: bool) -> None:
    there = [str(path) for path in files if path.exists()]
    if there and not force:
        raise DataError(
            f"{', '.join(there)} is there, and figures may depend on it: choose another name, or add --force"
        )


def _write_splits(
    items: Sequence[Item], split_to: Optional[Path], held_out: Dict[str, Path], seed: int
) -> List[Dict[str, Any]]:
    splits: List[Tuple[Path, List[str]]] = []
    if split_to is not None:
        by_group = split.split_by_group(items, seed)
        splits.append((split_to, [by_group[item.group] for item in items]))
    splits += [(path, split.without_source(items, source, seed)) for source, path in held_out.items()]
    for path, parts in splits:
        path.parent.mkdir(parents=True, exist_ok=True)
        split.write_parts(path, items, parts)
    return [{"file": str(path), "parts": dict(sorted(Counter(parts).items()))} for path, parts in splits]


def _print(found: Dict[str, Any], html: Path) -> None:
    console = Console()
    table = Table("source", "licence", *found["labels"])
    for one in found["sources"]:
        table.add_row(one["source"], one["licence"], *map(str, one["labels"].values()))
    console.print(table)
    near, copies, groups = found["near"], found["copies"], found["groups"]
    for name, value in (
        ("pictures", found["pictures"]),
        ("unreadable", len(found["unreadable"])),
        ("copies", f"{len(copies)} sets, {sum(one['across'] for one in copies)} across classes"),
        ("near-duplicates", f"{near['within']} pairs within classes, {near['across']} across"),
        ("groups", f"{groups['groups']}, the largest of {groups['largest']}"),
        *(
            (one["file"], ", ".join(f"{part} {n}" for part, n in one["parts"].items()))
            for one in found["splits"]
        ),
    ):
        console.print(f"{name:16} {value}", highlight=False, soft_wrap=True)
    for one in found["unreadable"]:
        console.print(f"{one['file']}: {one['reason']}", style="yellow", soft_wrap=True, markup=False)
    console.print(f"look at {html}", soft_wrap=True, highlight=False)
