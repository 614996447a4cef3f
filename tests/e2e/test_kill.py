"""`beffroi run` killed with SIGKILL at any instant tells everything that it had committed.

BEFFROI_AGENT_KILLS sets how often (default 5); 50 before a release.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Dict, Set

import pytest

from tests.e2e.command import Daemon, write_config
from tests.e2e.telling import assert_promises_kept, committed, flicker, hasty, untold
from tests.e2e.whole import PATIENCE_S, document
from tests.fakes.broker import Broker
from tests.fakes.detector import GREEN
from tests.fakes.films import write_scenes
from tests.fakes.listener import Listener
from tests.fakes.waiting import until

KILLS = int(os.environ.get("BEFFROI_AGENT_KILLS", "5"))
STARTING = 0.2
"""The share of kills that fall anywhere in the start rather than between incidents."""


@pytest.mark.timeout(120 + 60 * KILLS)
def test_killed_at_any_instant_it_tells_what_it_committed(
    tmp_path: Path, bundle: Path, calm: Path, broker: Broker
) -> None:
    rng = random.Random(KILLS)
    data = tmp_path / "data"
    films = {
        f"camera-{n}": write_scenes(tmp_path / f"{n}.mp4", [(GREEN, 0.3 * n), *flicker(20)]) for n in range(3)
    }

    def config(cameras: Dict[str, Path]) -> Path:
        written = document(data, bundle, **cameras)
        written["fire"] = hasty(written["fire"])
        written["mqtt"] = {"host": broker.host, "port": broker.port, "keepalive_s": 5}
        return write_config(tmp_path / "beffroi.yaml", written)

    path = config(films)
    kept: Set[str] = set()
    with Listener(broker.port) as city:
        for _ in range(KILLS):
            with Daemon(path) as daemon:
                if kept and rng.random() < STARTING:
                    killed = daemon.kill_after(rng.uniform(0.0, 3.0))
                else:
                    daemon.wait_said("incident")
                    killed = daemon.kill_after(rng.uniform(0.0, 1.5))
                assert killed, daemon.log()
            now = committed(data)
            assert kept <= now, "what was committed stays"
            kept = now
        with Daemon(config(dict.fromkeys(films, calm))) as daemon:
            daemon.wait_said("agent started")
            until(lambda: untold(data) == 0, "everything is told", PATIENCE_S)
            assert daemon.stop() == 0
        told = committed(data)
        city.wait_for(lambda heard: {m.json["id"] for m in heard if "/incident/" in m.topic} >= told)
        events = city.events()
    assert kept <= told
    assert len(kept) > KILLS
    assert_promises_kept(data, events)
