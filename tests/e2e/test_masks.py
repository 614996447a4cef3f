"""The whole agent with a camera that is masked from edge to edge: nobody sees anything, and fire is seen."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from tests.e2e.whole import PATIENCE_S, ROOT, alive, document, past
from tests.fakes.broker import Broker
from tests.fakes.listener import Listener


def test_fire_is_seen_behind_a_mask_that_nobody_can_look_behind(
    tmp_path: Path, bundle: Path, burning: Path, broker: Broker
) -> None:
    data = tmp_path / "data"
    config = {
        **document(data, bundle, yard=burning),
        "faces": {"blur": False},
        "mqtt": {"host": broker.host, "port": broker.port, "keepalive_s": 5},
    }
    everything = {"name": "all", "polygon": "0,0 1,0 1,1 0,1", "kind": "mask"}
    config["cameras"][0]["objects"] = {"zones": [everything]}
    with Listener(broker.port) as listener, alive(config) as agent:
        listener.wait_topic(f"{ROOT}/incident/fire/opened", timeout_s=PATIENCE_S)
        live = agent.controls.live_picture("yard")
    (fire,) = past(data)
    (snapshot, *_) = [change.snapshot for change in fire.changes if change.snapshot is not None]
    for jpeg in (live, (data / snapshot.clean).read_bytes(), (data / snapshot.annotated).read_bytes()):
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        height, width = picture.shape[:2]
        below_the_text = picture[height * 7 // 8 : height - 6, 6 : width - 6]
        assert below_the_text.size
        assert below_the_text.max() < 40
