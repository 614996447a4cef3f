"""How many changes a second the store takes, each on the disk before the next.

    python -m benchmarks.durable_incidents FOLDER [ROUNDS]

FOLDER is on the disk to measure. Prints, per second, the median of the rounds and their range: of a change
with one outbox row, of a change with a picture too, and of bare 4 KiB writes with fsync to compare with.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import Callable

import cv2
import numpy as np

from agent.clock import SystemClock
from agent.domain.incident import Incident, Kind
from agent.store.database import open_database
from agent.store.incidents import SqliteJournal
from agent.store.snapshots import FileSnapshots

_PER_ROUND = 200


def main(where: Path, rounds: int) -> None:
    clock = SystemClock()
    pixels = np.random.default_rng(0).integers(0, 60, (720, 1280, 3), dtype=np.uint8)
    picture = bytes(cv2.imencode(".jpg", cv2.GaussianBlur(pixels, (9, 9), 3))[1])
    with tempfile.TemporaryDirectory(dir=where) as made:
        folder = Path(made)
        with closing(open_database(folder / "beffroi.db", clock)) as database:
            journal, snapshots = SqliteJournal(database, clock), FileSnapshots(folder, clock)
            numbers = iter(range(10**9))

            def change(with_picture: bool) -> None:
                name = f"i{next(numbers)}"
                opened = Incident.open(name, "yard", Kind.FIRE, datetime.now(timezone.utc), 0.9)
                ref = snapshots.save(name, 1, annotated=picture, clean=picture) if with_picture else None
                journal.record(opened, ref, ["mqtt"])

            with (folder / "bare").open("wb", buffering=0) as file:

                def bare() -> None:
                    file.write(b"x" * 4096)
                    os.fsync(file.fileno())

                for label, work in [
                    ("fsync of 4 KiB", bare),
                    ("change", lambda: change(False)),
                    (f"change with 2 pictures of {len(picture) // 1024} KiB", lambda: change(True)),
                ]:
                    rates = sorted(_rate(work) for _ in range(rounds))
                    print(f"{label}: {statistics.median(rates):.0f}/s ({rates[0]:.0f} to {rates[-1]:.0f})")


def _rate(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    for _ in range(_PER_ROUND):
        work()
    return _PER_ROUND / (time.perf_counter() - start)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5)
