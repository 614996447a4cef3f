"""The broker dies while incidents happen: everything arrives afterwards, in order, each under one id.

BEFFROI_OUTAGE_S sets for how long (default 5); 60 before a release.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.e2e.telling import assert_promises_kept, committed, flicker, hasty, untold
from tests.e2e.whole import PATIENCE_S, alive, document
from tests.fakes.broker import Broker
from tests.fakes.films import write_scenes
from tests.fakes.listener import Listener
from tests.fakes.waiting import until

OUTAGE_S = float(os.environ.get("BEFFROI_OUTAGE_S", "5"))
RECONNECT_S = 2 * 60.0
"""The longest pause between two attempts to connect, and more."""


@pytest.mark.timeout(4 * OUTAGE_S + 4 * PATIENCE_S + RECONNECT_S)
def test_everything_arrives_after_an_outage(tmp_path: Path, bundle: Path, lasting_broker: Broker) -> None:
    data = tmp_path / "data"
    film = write_scenes(tmp_path / "film.mp4", flicker(OUTAGE_S + 10))
    config = document(data, bundle, yard=film)
    config["fire"] = hasty(config["fire"])
    config["mqtt"] = {"host": lasting_broker.host, "port": lasting_broker.port, "keepalive_s": 5}
    with Listener(lasting_broker.port, lasting=True) as city, alive(config):
        city.wait_for(lambda heard: any("/incident/" in m.topic for m in heard), PATIENCE_S)
        lasting_broker.kill()
        back_at = time.monotonic() + OUTAGE_S
        before = committed(data)
        until(
            lambda: time.monotonic() >= back_at and len(committed(data) - before) > 5,
            "incidents during the outage",
            OUTAGE_S + PATIENCE_S,
        )
        lasting_broker.start()
        held_back = untold(data)
        until(lambda: untold(data) == 0, "everything is told", PATIENCE_S + RECONNECT_S)
    told = committed(data)
    with Listener(lasting_broker.port, lasting=True) as later:
        later.wait_for(
            lambda heard: {m.json["id"] for m in [*city.heard, *heard] if "/incident/" in m.topic} >= told,
            PATIENCE_S,
        )
        events = [*city.events(), *later.events()]
    assert held_back > 5
    assert_promises_kept(data, events)
