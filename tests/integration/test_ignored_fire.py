"""A real fire within an ignored zone never alarms, one that leaves it does."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path
from typing import List, Optional, Sequence

import pytest

from agent.clock import SystemClock
from agent.config.settings import FireSettings
from agent.domain.policy.fire import FirePolicy
from agent.inference.registry import load_fire_detector
from agent.pipeline.policies import fire_policy_settings
from agent.pipeline.watch import watch
from agent.sources.registry import Options, source_of
from agent.vision.ignored import Ignored
from agent.vision.mask import Polygon

CLIP = Path(__file__).parents[3] / "shared" / "videos" / "fire_tank_ignition.mp4"
"""A flame on the rim of a tank grows, with its smoke, for eleven seconds; then it is a ball of fire."""

STACK: Polygon = ((0.26, 0.0), (0.66, 0.0), (0.66, 0.47), (0.26, 0.47))
"""All that burns and smokes in the first eleven seconds."""

BURNER: Polygon = ((0.36, 0.36), (0.44, 0.36), (0.44, 0.46), (0.36, 0.46))
"""What burns in the first second."""

pytestmark = pytest.mark.skipif(not CLIP.is_file(), reason="the clips are not beside this checkout")


def opened_after_s(zones: Sequence[Polygon], until_s: float = 11.0) -> Optional[float]:
    """When an incident opens in the clip, up to `until_s`."""
    section, clock, stop = FireSettings(backend="onnxruntime", threads=1), SystemClock(), threading.Event()
    source = source_of(str(CLIP), Options(clock, real_time=False))
    opened: List[float] = []
    with closing(load_fire_detector(section)) as detector:
        policy = FirePolicy("tank", fire_policy_settings(section, detector.model.thresholds), lambda: "i1")
        for step in watch(
            source, "tank", detector, policy, clock, 5.0, stop, ignored=Ignored({"tank": zones})
        ):
            if step.changes or step.frame.media_s > until_s:
                opened += [step.frame.media_s for _ in step.changes]
                stop.set()
    return opened[0] if opened else None


def test_what_burns_within_the_zone_only_never_alarms() -> None:
    assert opened_after_s([STACK]) is None


def test_what_leaves_the_zone_does() -> None:
    without, leaving = opened_after_s([]), opened_after_s([BURNER])
    assert without is not None
    assert leaving is not None
    assert leaving >= without
