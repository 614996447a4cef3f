"""Records incidents with pictures as fast as it can, and tells some, until it is killed.

Writes a line per change to its output only after the change was recorded.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from agent.clock import SystemClock
from agent.domain.incident import Kind
from agent.store.database import open_database
from agent.store.incidents import SqliteJournal
from agent.store.outbox import SqliteOutbox
from agent.store.retention import Retention
from agent.store.retention_plan import Disk
from agent.store.snapshots import FileSnapshots
from tests.fakes.changes import opened, story
from tests.fakes.pictures import jpeg


def main(folder: Path) -> None:
    clock = SystemClock()
    database = open_database(folder / "beffroi.db", clock)
    boot = database.next_boot()
    snapshots = FileSnapshots(folder, clock)
    snapshots.sweep()
    outbox = SqliteOutbox(database, clock)
    outbox.release()
    journal = SqliteJournal(database, clock)
    threading.Thread(target=_tell, args=(outbox,), daemon=True).start()
    # The stories are dated long ago: pictures go for want of room, incidents never for their age.
    full = Retention(database, clock, 36500, 0.5, disk=lambda _: Disk(used=100_000, free=0))
    picture = jpeg()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for number in range(100_000):
        name = f"b{boot}-{number}"
        for change in [*story(name, 1), opened(f"{name}-smoke", Kind.SMOKE)]:
            sequence = change.incident.sequence
            ref = snapshots.save(change.incident.id, sequence, annotated=picture, clean=picture)
            journal.record(change, ref, ["mqtt", "telegram"])
            os.write(1, f"{change.event_id}\n".encode())
        if number % 5 == 4:
            full.run()


def _tell(outbox: SqliteOutbox) -> None:
    while True:
        for sink in ("mqtt", "telegram"):
            for delivery in outbox.lease(sink, 3, 30):
                outbox.done(delivery)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
