from __future__ import annotations

from pathlib import Path

import numpy as np

from agent.inference.bundle import load_bundle
from models.compare_speed import BATCH, speeds
from tests.fakes.bundles import colour_bundle


def test_bundles_take_turns_and_the_first_is_the_measure(tmp_path: Path) -> None:
    bundles = {
        name: load_bundle(str(colour_bundle(tmp_path / name, side)))
        for name, side in (("small", 32), ("large", 64))
    }
    pictures = [np.full((40, 60, 3), grey, np.uint8) for grey in (0, 128, 255)]
    found = speeds(bundles, pictures, threads=1, rounds=4, seed=1)
    assert list(found) == ["small", "large"]
    assert found["small"].faster == 1.0
    assert found["small"].faster_interval == (1.0, 1.0)
    assert found["small"].processor_faster == 1.0
    for speed in found.values():
        assert 0 < speed.faster_interval[0] <= speed.faster_interval[1]
        assert 0 < speed.median_ms <= speed.p99_ms
        assert min(speed.processor_ms, speed.prepare_ms, speed.per_second / BATCH) > 0
        assert speed.processor_faster == found["small"].processor_ms / speed.processor_ms
    assert found["large"].faster == found["small"].median_ms / found["large"].median_ms
