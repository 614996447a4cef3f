"""After `forget` no byte of a person is left in any file, also where the erasure was killed in the middle.

BEFFROI_KILLS sets how often (default 10).
"""

from __future__ import annotations

import json
import logging
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Dict, Iterator, List, Set, TextIO

import pytest

from agent import logs
from agent.clock import SystemClock
from agent.domain.incident import Kind
from agent.store.database import Database, open_database
from agent.store.dialogues import Dialogues
from agent.store.erasure import Erasure
from agent.store.faces import PeopleStore
from agent.store.history import History
from agent.store.incidents import SqliteJournal
from agent.store.migrate import back_up
from agent.store.retention import Retention
from agent.store.retention_plan import Disk
from agent.store.snapshots import FileSnapshots
from deploy.database import back_up as installer_back_up
from tests.fakes.changes import opened
from tests.fakes.disk import fast_folder
from tests.fakes.enrolled import begin, embeddings_of, enrol, intent, people_store
from tests.fakes.pictures import noise_jpeg

KILLS = int(os.environ.get("BEFFROI_KILLS", "10"))
ROOT = Path(__file__).parents[2]
ANNA, BERT = "Anna Désirée Peeters", "Bert Claes"
PIECE = 16
"""Bytes that do not come twice by chance."""

Traces = Dict[str, List[bytes]]


@contextmanager
def logging_to(stream: TextIO) -> Iterator[None]:
    """Log as the agent does, then as before: a fixture of the module outlives what each test restores."""
    handlers, level = logging.root.handlers[:], logging.root.level
    logs.configure("debug", stream)
    try:
        yield
    finally:
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)


@pytest.fixture(scope="module")
def lived_in() -> Iterator[Path]:
    """The data folder of a device that knows Anna and others, as it lies on the disk while the agent runs."""
    with fast_folder() as folder:
        agent = folder / "agent"
        clock = SystemClock()
        with (folder / "log").open("w") as log, logging_to(log), closing(
            open_database(agent / "beffroi.db", clock)
        ) as database:
            live(database, clock)
            back_up(database.path, database.path.with_name("beffroi.db.before-0005-20260101T000000Z"))
            installer_back_up(database.path, agent / "backups", datetime.now(timezone.utc))
            moved = database.path.with_name("beffroi.db.damaged-20260101T000000.000000Z")
            moved.write_bytes(b"broken" + database.path.read_bytes())
            log.flush()
            shutil.copytree(str(agent), str(folder / "copy"))
            shutil.copy(str(folder / "log"), str(folder / "copy" / "beffroi.log"))
        yield folder / "copy"


def live(database: Database, clock: SystemClock) -> None:
    store = people_store(database, clock)
    begin(store, ANNA.upper(), 500)
    for number, name in enumerate((ANNA, BERT, *(f"Person {number}" for number in range(60)))):
        enrol(store, name, number)
        if number:
            begin(store, f"Under way {number}", 1000 + number)
            store.cancel(f"enrolment-{1000 + number}")
    begin(store, "Carl", 501)
    dialogues = Dialogues(database, clock)
    for step in ("consent", "photos"):
        dialogues.put(7, 7, "enrol", {"step": step, "name": ANNA, "session": "enrolment-500"}, 900)
    snapshots, journal = FileSnapshots(database.path.parent, clock), SqliteJournal(database, clock)
    for person in (1, 2):
        change = opened(f"of-{person}", Kind.FACE)
        change = replace(change, incident=replace(change.incident, person=person))
        picture = noise_jpeg(person)
        journal.record(change, snapshots.save(f"of-{person}", 1, annotated=picture, clean=picture), [])


def plain_traces() -> Traces:
    """What must never have been on the disk, and what was and must be gone."""
    embeddings = [row.tobytes() for seed in (0, 500) for row in embeddings_of(seed)]
    return {
        "embedding": [piece for one in embeddings for piece in pieces(one)],
        "consent": [intent(ANNA).consent.how.encode()],
    }


def kept_traces(folder: Path) -> Traces:
    """What the files hold of Anna now, sealed or not; each piece is unlike any other person's."""
    address = f"file:{folder / 'beffroi.db'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        of_anna = [
            "SELECT sealed FROM people WHERE id = 1",
            "SELECT sealed FROM embeddings WHERE person = 1",
            "SELECT sealed FROM enrolments WHERE id = 'enrolment-500'",
            "SELECT sealed FROM enrolment_faces WHERE enrolment = 'enrolment-500'",
        ]
        sealed = [row[0] for query in of_anna for row in connection.execute(query)]
    assert len(sealed) == 1 + 3 + 1 + 3
    picture = noise_jpeg(1)
    assert picture[1000:] != noise_jpeg(2)[1000:]
    return {
        "sealed": [piece for one in sealed for piece in pieces(one)],
        "name": [ANNA.encode(), json.dumps(ANNA).encode(), ANNA.upper().encode()],
        "picture": pieces(picture[1000:], every=1000),
    }


def pieces(data: bytes, every: int = PIECE) -> List[bytes]:
    return [data[start : start + PIECE] for start in range(0, len(data) - PIECE, every)]


def found(folder: Path, traces: Traces) -> Set[str]:
    """Which traces are in which files; every file of the folder is read."""
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert any(path.name == "beffroi.log" for path in files)
    return {
        f"{what} in {path.relative_to(folder)}"
        for path, content in files.items()
        for what, each in traces.items()
        if any(piece in content for piece in each)
    }


def test_the_search_finds_what_is_there(lived_in: Path) -> None:
    there = found(lived_in, kept_traces(lived_in))
    files = {one.split(" in ")[1] for one in there}
    assert {"beffroi.db-wal", "beffroi.db.before-0005-20260101T000000Z"} <= files
    assert any(name.startswith("backups/") for name in files)
    assert any(name.startswith("snapshots/") for name in files)
    assert {one.split(" in ")[0] for one in there} == {"sealed", "name", "picture"}
    assert "beffroi.log" not in files


def test_embeddings_and_consent_are_never_in_the_clear(lived_in: Path) -> None:
    assert found(lived_in, plain_traces()) == set()


def test_nothing_is_found_after_an_erasure_beside_the_agent(lived_in: Path, tmp_path: Path) -> None:
    folder = copied(lived_in, tmp_path)
    traces = {**plain_traces(), **kept_traces(folder)}
    clock = SystemClock()
    with closing(open_database(folder / "beffroi.db", clock)) as database:
        SqliteJournal(database, clock).record(opened("a"), None, ["mqtt"])
        said = erase(folder, 0)
        assert said.returncode == 0
        assert said.stdout.split()[2] == b"True"
        assert found(folder, traces) == set()
        SqliteJournal(database, clock).record(opened("b"), None, ["mqtt"])
        check_the_others(database, people_store(database, clock))
        (receipt,) = Erasure(database, clock).receipts()
        assert (receipt.faces, receipt.enrolments, receipt.links, receipt.snapshots) == (3, 1, 1, 2)
        assert receipt.backups == 3
    assert found(folder, traces) == set()


@pytest.mark.timeout(120 + 15 * KILLS)
def test_killed_at_any_step_the_next_start_finishes_it(lived_in: Path, tmp_path: Path) -> None:
    traces = {**plain_traces(), **kept_traces(lived_in)}
    whole = erase(copied(lived_in, tmp_path / "whole"), 0)
    steps = int(whole.stdout.split()[1])
    rng = random.Random(KILLS)
    outcomes = set()
    for number in range(KILLS):
        # Spread over the whole of it, or a few long stretches would take all the kills.
        step = 1 + int((number + rng.random()) * steps / KILLS)
        folder = copied(lived_in, tmp_path / f"killed-{number}")
        assert erase(folder, step).returncode == -9
        outcomes.add(start_again(folder, traces, f"step {step} of {steps}"))
        shutil.rmtree(str(folder))
    assert "finished" in outcomes


@pytest.mark.timeout(120 + 15 * KILLS)
def test_killed_from_outside_at_any_instant_the_next_start_finishes_it(
    lived_in: Path, tmp_path: Path
) -> None:
    traces = {**plain_traces(), **kept_traces(lived_in)}
    rng = random.Random(KILLS)
    for number in range(max(1, KILLS // 2)):
        folder = copied(lived_in, tmp_path / f"killed-{number}")
        after_s = rng.uniform(0, 0.5)
        with child(folder, 0) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            try:
                process.wait(after_s)
            except subprocess.TimeoutExpired:
                process.kill()
        start_again(folder, traces, f"{after_s} s")
        shutil.rmtree(str(folder))


def copied(lived_in: Path, to: Path) -> Path:
    folder = to / "data"
    shutil.copytree(str(lived_in), str(folder))
    return folder


def child(folder: Path, step: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.integration.erasure_child", str(folder), str(step)]
    return subprocess.Popen(command, cwd=str(ROOT), stdout=subprocess.PIPE)


def erase(folder: Path, step: int) -> subprocess.CompletedProcess[bytes]:
    with child(folder, step) as process:
        said, _ = process.communicate(timeout=100)
    return subprocess.CompletedProcess(process.args, process.returncode, said)


def start_again(folder: Path, traces: Traces, when: str) -> str:
    """Start the store as the agent does; whether the erasure is `finished` or was `never begun`."""
    clock = SystemClock()
    with (folder / "beffroi.log").open("a") as log:
        logs.configure("debug", log)
        with closing(open_database(folder / "beffroi.db", clock)) as database:
            assert database.damaged is None, when
            FileSnapshots(folder, clock).sweep()
            roomy = Retention(database, clock, 36500, 0.9, disk=lambda _: Disk(used=0, free=10**12))
            roomy.run()
            receipts = Erasure(database, clock).receipts()
            store = people_store(database, clock)
            check_the_others(database, store)
            if not receipts:
                assert store.person(1).name == ANNA, when
                return "never begun"
            (receipt,) = receipts
            assert receipt.done_at is not None, when
            assert (receipt.faces, receipt.links, receipt.snapshots) == (3, 1, 2), when
    assert found(folder, traces) == set(), when
    return "finished"


def check_the_others(database: Database, store: PeopleStore) -> None:
    everybody = {person.id: person for person in store.people()}
    assert len(everybody) in (61, 62)
    assert everybody[2].name == BERT
    ids, vectors = store.embeddings()
    assert (vectors[ids == 2] == embeddings_of(1)).all()
    assert store.enrolment("enrolment-501").faces == 3
    past = History(database).get("of-2")
    assert past is not None
    assert past.incident.person == 2
    assert past.changes[0].snapshot is not None
    assert (database.path.parent / past.changes[0].snapshot.clean).read_bytes() == noise_jpeg(2)
