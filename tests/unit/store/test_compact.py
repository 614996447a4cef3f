"""What is left of deleted rows in the file, before and after it is written anew."""

from __future__ import annotations

import random
from typing import List

import pytest

from agent.store.database import Database


def left(database: Database, keys: List[str]) -> int:
    content = b"".join(file.read_bytes() for file in database.path.parent.glob(f"{database.path.name}*"))
    return sum(key.encode() in content for key in keys)


def test_what_a_tree_leaves_behind_in_its_pages_goes_too(database: Database) -> None:
    rng = random.Random(1)
    keys: List[str] = []
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE t (key TEXT PRIMARY KEY, value BLOB)")
        for _ in range(3000):
            keys.append(f"{rng.getrandbits(64):016x}")
            connection.exec_driver_sql("INSERT INTO t VALUES (?, zeroblob(540))", (keys[-1],))
            changed, size = rng.choice(keys), 540 + rng.randrange(40)
            connection.exec_driver_sql("UPDATE t SET value = zeroblob(?) WHERE key = ?", (size, changed))
    gone = rng.sample(keys, 1500)
    with database.write() as connection:
        for key in gone:
            connection.exec_driver_sql("DELETE FROM t WHERE key = ?", (key,))
    assert database.checkpoint()
    before = left(database, gone)
    assert before < 50  # all of them, were deleted rows not overwritten
    assert database.compact()
    assert left(database, gone) == 0
    assert left(database, keys) == 1500
    if before == 0:
        pytest.skip("this SQLite leaves nothing behind")
