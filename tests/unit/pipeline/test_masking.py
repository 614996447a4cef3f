from __future__ import annotations

from typing import Dict

from agent.pipeline.masking import MaskedFrames
from agent.ports import Frame
from agent.vision.mask import Masks
from tests.fakes.clock import FakeClock
from tests.fakes.detector import GREEN, picture

LEFT_HALF = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))


def test_others_see_frames_under_their_masks_each_masked_once() -> None:
    clock = FakeClock()
    raw: Dict[str, Frame] = {}
    frames = MaskedFrames(raw.get, Masks({"gate": [LEFT_HALF]}))
    assert frames.latest("gate") is None
    for index in range(2):
        for camera in ("gate", "yard"):
            raw[camera] = Frame(camera, picture(GREEN), clock.moment(), 0.2 * index, index)
        seen = frames.latest("gate")
        assert seen is not None
        assert not seen.pixels[:, :32].any()
        assert seen.pixels[:, 40:].any()
        assert (seen.camera, seen.index, seen.at) == ("gate", index, raw["gate"].at)
        assert frames.latest("gate") is seen
        assert raw["gate"].pixels[0, 0].any(), "who looks for fire sees all of it"
        assert frames.latest("yard") is raw["yard"]
