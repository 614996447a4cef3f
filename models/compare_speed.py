"""How fast bundles are beside each other: they take turns, so that the machine's mood hits all alike."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Dict, List, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track

from agent.inference.bundle import Bundle
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import Picture
from agent.vision.preprocess import to_batch
from models.scoring import Interval

BATCH = 8
"""Pictures at once, for the throughput."""

_WARM = 5
"""Rounds that do not count: caches, page faults, the processor's clock."""

_DRAWS = 1000

Turns = npt.NDArray[np.float64]
"""Rounds x 3, in milliseconds: pre-processing, the network, and processor time of the network."""


@dataclass(frozen=True)
class Speed:
    """Of one bundle at one number of threads.

    In milliseconds, of one picture at a time: the network's median and the time under which 99 % stay, the
    median of its processor time (of all threads together), and the median of pre-processing. Pictures a
    second in batches of BATCH, by their median, of the network alone. How many times as fast as the first
    bundle the network is, by the medians of time and of processor time, with intervals of 95 % (bootstrap
    over rounds). On a busy machine a long look is interrupted and a short one is not: go by processor time.
    """

    median_ms: float
    p99_ms: float
    processor_ms: float
    prepare_ms: float
    per_second: float
    faster: float
    faster_interval: Interval
    processor_faster: float
    processor_faster_interval: Interval


def speeds(
    bundles: Mapping[str, Bundle], pictures: Sequence[Picture], threads: int, rounds: int, seed: int
) -> Dict[str, Speed]:
    """By name. In each round every bundle looks once at the same picture (H x W x 3, BGR, uint8), in an
    order that is drawn anew; so they do with batches, an eighth as often."""
    rng = np.random.default_rng(seed)
    with ExitStack() as stack:
        sessions = {
            name: stack.enter_context(closing(OnnxRuntimeSession(bundle, threads)))
            for name, bundle in bundles.items()
        }
        single = _rounds(bundles, sessions, pictures, 1, rounds, rng)
        many = _rounds(bundles, sessions, pictures, BATCH, max(2, rounds // BATCH), rng)
    first = single[next(iter(bundles))]
    return {name: _speed(single[name], many[name], first, rng) for name in bundles}


def _rounds(
    bundles: Mapping[str, Bundle],
    sessions: Mapping[str, OnnxRuntimeSession],
    pictures: Sequence[Picture],
    size: int,
    rounds: int,
    rng: np.random.Generator,
) -> Dict[str, Turns]:
    names = list(bundles)
    turns: Dict[str, List[List[float]]] = {name: [] for name in names}
    console = Console(stderr=True)
    what = "timing" if size == 1 else f"timing batches of {size}"
    for number in track(
        range(-_WARM, rounds), what, console=console, transient=True, disable=not console.is_terminal
    ):
        shown = [pictures[(number * size + offset) % len(pictures)] for offset in range(size)]
        for index in rng.permutation(len(names)):
            name = names[index]
            turn = _turn(bundles[name], sessions[name], shown)
            if number >= 0:
                turns[name].append(turn)
    return {name: np.array(of_it) for name, of_it in turns.items()}


def _turn(bundle: Bundle, session: OnnxRuntimeSession, shown: Sequence[Picture]) -> List[float]:
    begun = time.perf_counter()
    batch = to_batch(shown, bundle.manifest.input.spec)
    busy, prepared = time.process_time(), time.perf_counter()
    session.infer(batch)
    done, spent = time.perf_counter(), time.process_time()
    return [1000 * (prepared - begun), 1000 * (done - prepared), 1000 * (spent - busy)]


def _speed(single: Turns, many: Turns, first: Turns, rng: np.random.Generator) -> Speed:
    prepare, median, processor = np.median(single, axis=0)
    drawn = rng.integers(0, len(single), (_DRAWS, len(single)))  # the same rounds of both
    ratios = np.median(first, axis=0) / np.median(single, axis=0)
    low, high = np.percentile(
        np.median(first[drawn], axis=1) / np.median(single[drawn], axis=1), [2.5, 97.5], axis=0
    )
    return Speed(
        median_ms=float(median),
        p99_ms=float(np.percentile(single[:, 1], 99)),
        processor_ms=float(processor),
        prepare_ms=float(prepare),
        per_second=1000 * BATCH / float(np.median(many[:, 1])),
        faster=float(ratios[1]),
        faster_interval=(float(low[1]), float(high[1])),
        processor_faster=float(ratios[2]),
        processor_faster_interval=(float(low[2]), float(high[2])),
    )
