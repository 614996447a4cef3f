"""All that is measured of bundles for fire; the first is what the others are held against."""

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
from models.compare_scores import Answers, Quality, answers, quality, rates
from models.compare_speed import Speed, speeds
from models.data import DataError, Item, read_picture
from models.verify import judge

THREADS = (1, 2)
"""Of ONNX Runtime, at which time is measured; judging uses the last."""

_TIMED = 32
"""Pictures that are kept in memory to measure time with."""


@dataclass(frozen=True, eq=False)
class Compared:
    """One bundle: what it said, how right that is, and what it costs. `size` is of its model.onnx, `memory`
    what a process with it takes beyond the runtime's (models.compare_memory), both in bytes; `speed` is by
    number of threads."""

    name: str
    bundle: Bundle
    answers: Answers
    quality: Quality
    size: int
    memory: int
    work: Work
    speed: Dict[int, Speed]

    def as_dict(self) -> Dict[str, Any]:
        """For JSON."""
        manifest = self.bundle.manifest
        curves = rates(self.answers)
        return {
            "name": self.name,
            "folder": str(self.bundle.folder),
            "version": manifest.version,
            "sha256": manifest.sha256,
            "parent": manifest.parent,
            "precision": manifest.precision,
            "input": [manifest.input.width, manifest.input.height],
            "open_above": self.answers.open_above,
            "quality": self.quality.as_dict(),
            "roc_area": None if curves is None else curves.area,
            "average_precision": None if curves is None else curves.average_precision,
            "file_bytes": self.size,
            "peak_memory_bytes": self.memory,
            "macs": self.work.macs,
            "parameters": self.work.parameters,
            "threads": {str(number): asdict(speed) for number, speed in self.speed.items()},
        }


@dataclass(frozen=True, eq=False)
class Comparison:
    """The bundles in the order in which they were named, and the pictures that all of them judged."""

    bundles: List[Compared]
    items: List[Item]
    unreadable: List[Path]


def named(given: Sequence[str]) -> Dict[str, Bundle]:
    """The bundles for fire by name or, where two have the same, by what was `given`.

    Raises DataError where one is given twice, BundleError for what is no bundle for fire.
    """
    if len(set(given)) < len(given):
        raise DataError("a bundle is named twice: name each once")
    loaded = {one: load_bundle(one, "fire-classification") for one in given}
    names = [bundle.manifest.name for bundle in loaded.values()]
    return dict(zip(names if len(set(names)) == len(names) else given, loaded.values()))


def measure(bundles: Mapping[str, Bundle], items: Sequence[Item], rounds: int, seed: int) -> Comparison:
    """Judge `items` once by each bundle, then measure what each costs. Raises DataError (see work_of, judge,
    peak_memory)."""
    work = {name: work_of(bundle.model) for name, bundle in bundles.items()}  # fails before it takes long
    judged = {name: judge(bundle, items, max(THREADS)) for name, bundle in bundles.items()}
    of_any = judged[next(iter(judged))]
    said = {name: answers(bundle, judged[name]) for name, bundle in bundles.items()}
    first = said[next(iter(said))]
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
    shown = _pictures(of_any.items)
    speed = {number: speeds(bundles, shown, number, rounds, seed) for number in THREADS}
    compared = [
        Compared(
            name=name,
            bundle=bundle,
            answers=said[name],
            quality=quality(said[name], first, seed),
            size=bundle.model.stat().st_size,
            memory=memory[name],
            work=work[name],
            speed={number: speed[number][name] for number in THREADS},
        )
        for name, bundle in bundles.items()
    ]
    return Comparison(compared, of_any.items, of_any.unreadable)


def _pictures(items: Sequence[Item]) -> List[Picture]:
    """Some from all over `items`, which are sorted by label."""
    step = max(1, len(items) // _TIMED)
    read = [read_picture(item.path) for item in items[::step][:_TIMED]]
    return [picture for picture in read if picture is not None]
