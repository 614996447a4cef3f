from __future__ import annotations

from typing import List, Optional, Tuple

from agent.engines.progress import BUILDING, Phases, silent


def test_nested_phases_make_one_share_that_never_goes_back() -> None:
    told: List[Tuple[str, Optional[float]]] = []
    phases = Phases(lambda stage, share: told.append((stage, share)))
    phases.start("all", None, 4)
    phases.step("all", 0)
    phases.start("inner", "all", 2)
    phases.step("inner", 0)
    phases.start("inmost", "inner", 0)
    phases.step("inmost", 0)
    phases.finish("inmost")
    phases.finish("inner")
    phases.step("all", 1)
    phases.step("unknown", 3)
    phases.finish("all")
    assert [stage for stage, _ in told] == [BUILDING] * len(told)
    assert [share for _, share in told] == [0.25, 0.375, 0.5, 0.5, 0.5, 0.5, 0.5, 1.0]


def test_silence_is_silent() -> None:
    silent("building", 0.5)
