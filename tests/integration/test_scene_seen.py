"""The shipped fire model, which was never shown the scene, sees what happens in it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Dict, Iterator, List

import pytest

import models
from agent.config.settings import FireSettings
from agent.domain.evidence import FireScores
from agent.inference.registry import load_fire_detector
from agent.ports import FireDetector
from agent.sources.scene import Phase, SceneSource
from tests.fakes.clock import FakeClock

SETTINGS = FireSettings(threads=1)
SHIPPED = Path(models.__path__[0]) / "bundles" / SETTINGS.bundle

pytestmark = pytest.mark.skipif(not SHIPPED.is_dir(), reason=f"no bundle is shipped at {SHIPPED}")


@pytest.fixture(scope="module")
def detector() -> Iterator[FireDetector]:
    with closing(load_fire_detector(SETTINGS)) as loaded:
        yield loaded


def seen(detector: FireDetector, seed: int) -> Dict[Phase, List[FireScores]]:
    """The scores of each phase, in order of time; of the fire, once it has grown (3 s)."""
    source = SceneSource(
        f"scene:?seed={seed}&width=640&height=360&fps=2&calm_s=4&smoke_s=5&flame_s=5&fire_s=10&out_s=14&pace=max",
        FakeClock(),
    )
    scores: Dict[Phase, List[FireScores]] = {phase: [] for phase in Phase}
    with closing(source.open()) as stream:
        for picture in iter(stream.read, None):
            phase = source.script.phase(picture.media_s)
            growing = phase is Phase.FIRE and picture.media_s < source.script.fire_at + 3.0
            clearing = phase is Phase.OUT and picture.media_s < source.script.calm_again_at
            if not (growing or clearing):
                scores[phase].extend(detector.look([picture.pixels]))
    return scores


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_calm_is_no_fire_and_the_fire_is_seen(detector: FireDetector, seed: int) -> None:
    scores = seen(detector, seed)
    assert max(look.danger for look in scores[Phase.CALM] + scores[Phase.OUT]) < 0.3
    begins = [look.danger > 0.5 for look in scores[Phase.SMOKE] + scores[Phase.FLAME]]
    assert sum(begins) >= 5
    burns = [look.fire for look in scores[Phase.FIRE]]
    assert sum(fire > 0.7 for fire in burns) >= 0.8 * len(burns)
