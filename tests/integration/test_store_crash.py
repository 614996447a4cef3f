"""Killed with SIGKILL at any instant, the store keeps what it said it keeps.

BEFFROI_KILLS sets how often (default 10).
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import List, Set

import cv2
import numpy as np
import pytest

from agent.store.database import open_database
from agent.store.history import History
from agent.store.outbox import SqliteOutbox
from agent.store.snapshots import FileSnapshots
from tests.fakes.clock import FakeClock

KILLS = int(os.environ.get("BEFFROI_KILLS", "10"))
ROOT = Path(__file__).parents[2]


def run_and_kill(folder: Path, after_s: float) -> List[str]:
    """What a recording process had said by the time it was killed; the last line may be cut short."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.store_child", str(folder)],
        cwd=str(ROOT),
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    with child:
        assert child.stdout.readline() == b"ready\n"
        try:
            child.wait(after_s)
        except subprocess.TimeoutExpired:
            child.kill()
        said = child.stdout.read().decode()
    assert child.returncode == -9
    return said.split("\n")[:-1]


def check(folder: Path, said: Set[str]) -> None:
    clock = FakeClock()
    with closing(open_database(folder / "beffroi.db", clock)) as database:
        assert database.damaged is None
        history = History(database)
        found = set()
        for incident in history.list():
            past = history.get(incident.id)
            assert past is not None
            assert past.incident == past.changes[-1].change.incident
            assert [change.change.incident.sequence for change in past.changes] == list(
                range(1, len(past.changes) + 1)
            )
            for change in past.changes:
                found.add(change.change.event_id)
                assert sorted(told.sink for told in change.told) == ["mqtt", "telegram"]
                if change.snapshot:
                    annotated = (folder / change.snapshot.annotated).read_bytes()
                    assert hashlib.sha256(annotated).hexdigest() == change.snapshot.sha256
                    for name in (change.snapshot.annotated, change.snapshot.clean):
                        data = np.frombuffer((folder / name).read_bytes(), np.uint8)
                        assert cv2.imdecode(data, cv2.IMREAD_COLOR) is not None
        assert said <= found
        FileSnapshots(folder, clock).sweep()
        assert not list(folder.rglob("*.tmp"))


@pytest.mark.timeout(60 + 10 * KILLS)
def test_killed_at_any_instant_it_keeps_its_word(tmp_path: Path) -> None:
    rng = random.Random(KILLS)
    said: Set[str] = set()
    for _ in range(KILLS):
        said |= set(run_and_kill(tmp_path, rng.uniform(0.0, 1.0)))
        check(tmp_path, said)
    assert said
    with closing(open_database(tmp_path / "beffroi.db", FakeClock())) as database:
        outbox = SqliteOutbox(database, FakeClock())
        outbox.release()
        waiting = outbox.depth().pending
        told = 0
        for sink in ("mqtt", "telegram"):
            while True:
                leased = outbox.lease(sink, 50, 30)
                if not leased:
                    break
                for delivery in leased:
                    outbox.done(delivery)
                told += len(leased)
        assert (told, outbox.depth().pending) == (waiting, 0)
