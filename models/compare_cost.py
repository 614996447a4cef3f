"""What bundles cost beside each other, whatever they are for: time, file, memory, work."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence

from rich.console import Console
from rich.progress import track

from agent.inference.bundle import Bundle, load_bundle
from agent.ports import Picture
from models.compare_graph import Work, work_of
from models.compare_memory import peak_memory
from models.compare_speed import Speed, speeds
from models.data import DataError, read_picture

THREADS = (1, 2)
"""Of ONNX Runtime, at which time is measured; judging uses the last."""

_TIMED = 32
"""Pictures that are kept in memory to measure time with."""


@dataclass(frozen=True, eq=False)
class Costed:
    """One bundle and what it costs. `size` is of its model.onnx, `memory` what a process with it takes beyond
    the runtime's (models.compare_memory), both in bytes; `speed` is by number of threads."""

    name: str
    bundle: Bundle
    size: int
    memory: int
    work: Work
    speed: Dict[int, Speed]

    def as_dict(self) -> Dict[str, Any]:
        """For JSON."""
        manifest = self.bundle.manifest
        return {
            "name": self.name,
            "folder": str(self.bundle.folder),
            "version": manifest.version,
            "sha256": manifest.sha256,
            "parent": manifest.parent,
            "precision": manifest.precision,
            "input": [manifest.input.width, manifest.input.height],
            "file_bytes": self.size,
            "peak_memory_bytes": self.memory,
            "macs": self.work.macs,
            "parameters": self.work.parameters,
            "threads": {str(number): asdict(speed) for number, speed in self.speed.items()},
        }


def named(given: Sequence[str]) -> Dict[str, Bundle]:
    """The bundles by name or, where two have the same, by what was `given`; all for what the first is for.

    Raises DataError where one is given twice, BundleError for what is no bundle or for something else.
    """
    if len(set(given)) < len(given):
        raise DataError("a bundle is named twice: name each once")
    task = load_bundle(given[0]).manifest.task
    loaded = {one: load_bundle(one, task) for one in given}
    names = [bundle.manifest.name for bundle in loaded.values()]
    return dict(zip(names if len(set(names)) == len(names) else given, loaded.values()))


def works(bundles: Mapping[str, Bundle]) -> Dict[str, Work]:
    """Of each by name; asked first, for it fails before anything takes long (see work_of)."""
    return {name: work_of(bundle.model) for name, bundle in bundles.items()}


def costs(
    bundles: Mapping[str, Bundle], work: Mapping[str, Work], paths: Sequence[Path], rounds: int, seed: int
) -> Dict[str, Costed]:
    """By name. Time is measured on some of the pictures at `paths`. Raises DataError (see peak_memory)."""
    console = Console(stderr=True)
    memory = {
        name: peak_memory(bundle)
        for name, bundle in track(
            bundles.items(),
            "measuring memory",
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
    }
    shown = _pictures(paths)
    speed = {number: speeds(bundles, shown, number, rounds, seed) for number in THREADS}
    return {
        name: Costed(
            name=name,
            bundle=bundle,
            size=bundle.model.stat().st_size,
            memory=memory[name],
            work=work[name],
            speed={number: speed[number][name] for number in THREADS},
        )
        for name, bundle in bundles.items()
    }


def _pictures(paths: Sequence[Path]) -> List[Picture]:
    """Some from all over `paths`, which may be sorted by what they show."""
    step = max(1, len(paths) // _TIMED)
    read = [read_picture(path) for path in paths[::step][:_TIMED]]
    return [picture for picture in read if picture is not None]
