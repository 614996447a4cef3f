"""How small a fire may be in the picture and still be seen, by ways of looking, and what each way costs.

    python -m benchmarks.fire_size --bundle fire-lite0 [--boxes DETECTOR] --data ../shared/data/fire-det \\
        --split models/splits/fire-det.csv --classes ../shared/data/fire-cls \\
        --classes-split models/splits/fire-cls.csv --cities ../shared --out DIR

Flames and smoke of the boxed test part are pasted into city frames without fire, of 720 lines (flames also of
1080), each so that they cover 0.1, 0.3, 1, 3 and 10 % of the picture; and so are pictures without fire, as a
control (benchmarks.fire_size_scenes). Each is judged in all ways (benchmarks.fire_size_ways), and so are the
frames as they are. DIR gets fire-size.md, .csv, .json and .png, fire-size-looks.csv (every look), and
fire-size-samples.jpg: some of the pictures, to be looked at before a figure is believed. That one shows what
must not be published where the data must not be.
"""

from __future__ import annotations

import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import List, NamedTuple, Optional, Sequence

import cv2
import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from agent.errors import BeffroiError
from agent.inference.bundle import load_bundle
from agent.ports import Picture
from agent.vision.preprocess import resized
from benchmarks.fire_size_report import BARE, Look, write
from benchmarks.fire_size_scenes import (
    CITIES,
    Frame,
    Patch,
    as_streamed,
    burning,
    city_frames,
    controls,
    enlarged,
    pasted,
)
from benchmarks.fire_size_ways import Ways

SHARES = (0.001, 0.003, 0.01, 0.03, 0.1)
HEIGHTS = (720, 1080)
_SAMPLES = 12


class Shot(NamedTuple):
    """A frame of so many lines, and a patch that is to cover a share of it, or none."""

    frame: Frame
    height: int
    patch: Optional[Patch] = None
    share: float = 0.0

    def picture(self) -> Picture:
        """The same each time."""
        canvas = enlarged(self.frame, self.height)
        if self.patch is not None:
            seed = zlib.crc32(self.patch.origin.encode()), self.height, round(self.share * 1e4)
            canvas = pasted(canvas, self.patch, self.share, np.random.default_rng(seed))
        return as_streamed(canvas)

    def look(self, ways: Ways) -> Look:
        """What the ways say of it."""
        said = ways.look(self.picture())
        kind, origin = (BARE, "") if self.patch is None else (self.patch.kind, self.patch.origin)
        return Look(kind, origin, self.frame.scene, self.height, self.share, said.danger, said.seconds)


def main(
    bundle: str = typer.Option("fire-lite0", "--bundle", help="A classifier."),
    boxes: Optional[str] = typer.Option(None, "--boxes", help="A detector that was fused with it."),
    data: Path = typer.Option(..., "--data", help="Boxed flames and smoke (YOLO's layout)."),
    split_file: Path = typer.Option(..., "--split", help="The split of --data; its test part is pasted."),
    classes: Path = typer.Option(..., "--classes", help="What the classifier was trained on; controls."),
    classes_split: Path = typer.Option(..., "--classes-split", help="The split of --classes."),
    cities: Path = typer.Option(..., "--cities", help="Holds the files that --frames names."),
    frames_list: Path = typer.Option(CITIES, "--frames", help="What is pasted into: columns file, at_s."),
    out: Path = typer.Option(..., "--out", help="The folder to write to."),
    most: int = typer.Option(70, "--most", min=1, help="Patches of each kind; few for a trial."),
    threads: int = typer.Option(1, "--threads", min=1, help="Pictures that are looked at side by side."),
) -> None:
    """Paste, look, write, and print Markdown tables."""
    judge = load_bundle(bundle, "fire-classification")
    detector = None if boxes is None else load_bundle(boxes, "object-detection")
    frames = city_frames(cities, frames_list)
    patches = [
        patch for kind in _by_kind(burning(data, split_file, classes, classes_split)) for patch in kind[:most]
    ] + controls(classes, classes_split, most)
    todo = shots(frames, patches)
    console = Console(stderr=True)
    with Ways(judge, detector) as ways, ThreadPoolExecutor(threads) as pool:
        looked = pool.map(lambda shot: shot.look(ways), todo)
        looks = list(
            track(
                looked, "looking", len(todo), console=console, transient=True, disable=not console.is_terminal
            )
        )
    out.mkdir(parents=True, exist_ok=True)
    pastings = [shot for shot in todo if shot.patch is not None]
    _write_samples(out / "fire-size-samples.jpg", pastings[:: max(1, len(pastings) // _SAMPLES)])
    names = {"bundle": judge.manifest.name, "boxes": None if detector is None else detector.manifest.name}
    sys.stdout.write(write(out, looks, judge.manifest.thresholds["open_above"], names))


def shots(frames: Sequence[Frame], patches: Sequence[Patch]) -> List[Shot]:
    """The frames as they are, then with each patch at each size; a patch has one frame at all sizes.

    Flames go into frames of all HEIGHTS, anything else into those of the first.
    """
    order = np.random.default_rng(0).permutation(len(frames))
    bare = [Shot(frame, height) for height in HEIGHTS for frame in frames]
    return bare + [
        Shot(frames[order[index % len(frames)]], height, patch, share)
        for index, patch in enumerate(patches)
        for height in (HEIGHTS if patch.kind == "flames" else HEIGHTS[:1])
        for share in SHARES
    ]


def _by_kind(patches: Sequence[Patch]) -> List[List[Patch]]:
    kinds = dict.fromkeys(patch.kind for patch in patches)
    return [[patch for patch in patches if patch.kind == kind] for kind in kinds]


def _write_samples(path: Path, chosen: Sequence[Shot]) -> None:
    """Four in a row, in colour as they were judged."""
    small = [resized(shot.picture(), 480, 270) for shot in chosen]
    small += [np.zeros_like(small[0])] * (-len(small) % 4)
    cv2.imwrite(
        str(path), np.vstack([np.hstack(small[first : first + 4]) for first in range(0, len(small), 4)])
    )


if __name__ == "__main__":
    try:
        typer.run(main)
    except BeffroiError as error:
        sys.exit(str(error))
