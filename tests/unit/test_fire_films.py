"""What benchmarks.fire_films pastes into films, and how it counts."""

from __future__ import annotations

from typing import Dict, Optional

import numpy as np
import pytest

from agent.ports import Picture
from benchmarks.fire_films import BURNS_S, CALM_S, SHARES, Flames, Outcome, film, markdown
from benchmarks.fire_fusion import CLOSER, FUSED, GAP_S
from tests.fakes.looks import at


def shade(level: int) -> Picture:
    return np.full((40, 40, 3), level, np.uint8)


def test_a_short_fire_burns_to_and_fro() -> None:
    fire = Flames("a", [shade(level) for level in (0, 1, 2)], lighten=False)
    assert [int(fire.at(index)[0, 0, 0]) for index in range(7)] == [0, 1, 2, 1, 0, 1, 2]
    assert Flames("a", [shade(7)], lighten=False).at(5)[0, 0, 0] == 7


def test_a_film_is_calm_and_then_burns_in_one_place() -> None:
    street = [np.full((90, 160, 3), 60, np.uint8)] * round((CALM_S + BURNS_S) / GAP_S)
    shown = list(film(street, Flames("a", [shade(250), shade(200)], lighten=True), 0.1, at(0.0)))
    calm = round(CALM_S / GAP_S)
    assert shown[calm][0].since(at(0.0)) == pytest.approx(CALM_S)
    assert max(int(picture.max()) for _, picture in shown[:calm]) < 80
    burning = [(picture[..., 0] > 150) for _, picture in shown[calm:]]
    assert all(one.any() for one in burning)
    assert (burning[0] == burning[2]).all()


def outcome(share: float, fused: Optional[float], closer: Optional[float]) -> Outcome:
    told: Dict[str, Optional[float]] = {FUSED: fused, CLOSER: closer}
    return Outcome("street", "fire", share, told)


def test_how_many_are_told_and_when_is_counted_by_share() -> None:
    rows = markdown(
        [outcome(0.001, None, 2.0), outcome(0.001, 3.0, 1.0), outcome(0.03, 1.0, 1.0)]
    ).splitlines()
    assert len(rows) == 2 + len(SHARES)
    assert rows[2] == "| 0.1 % | 2 | 50 (9 to 91) | 3.0 | 100 (34 to 100) | 1.5 |"
    assert rows[3].startswith("| 0.3 % | 0 | 0 (")
