from __future__ import annotations

import math
from typing import Iterable, Optional, Tuple

import pytest

from agent.domain.face import Nearest
from agent.domain.policy.recognition import Ballot, Known, RecognitionSettings, Verdict, decide

SETTINGS = RecognitionSettings(max_distance=0.5, margin=0.1, far=0.7, looks=3, agreement=0.6, window=6)
ANNA, BEN = Nearest(1, 0.3, 0.8), Nearest(2, 0.4, 0.9)
STRANGER, DOUBT = Nearest(1, 0.9, 0.95), Nearest(1, 0.6, 0.9)
NOBODY_ENROLLED = Nearest(None, math.inf, math.inf)


def ballot(*looks: Nearest, weight: float = 1.0) -> Ballot:
    return weighed((look, weight) for look in looks)


def weighed(looks: Iterable[Tuple[Nearest, float]]) -> Ballot:
    made = Ballot(SETTINGS)
    for look, weight in looks:
        made.add(look, weight)
    return made


@pytest.mark.parametrize(
    ("nearest", "person"),
    [
        (Nearest(7, 0.0, 0.9), 7),
        (Nearest(7, 0.5, 0.65), 7),
        (Nearest(7, 0.501, 0.9), None),
        (Nearest(7, 0.3, 0.39), None),
        (Nearest(7, 0.3, math.inf), 7),
        (NOBODY_ENROLLED, None),
    ],
)
def test_one_look(nearest: Nearest, person: Optional[int]) -> None:
    assert decide(nearest, SETTINGS) == person


def test_no_look_says_nothing() -> None:
    assert ballot().verdict == Verdict(None, Known.UNDECIDED, 0.0, math.inf)


def test_one_look_decides_nothing() -> None:
    verdict = ballot(ANNA, ANNA).verdict
    assert (verdict.person, verdict.known, verdict.confidence) == (None, Known.UNDECIDED, 1.0)


def test_looks_that_agree_name_a_person() -> None:
    verdict = ballot(ANNA, ANNA, Nearest(1, 0.4, 0.8)).verdict
    assert (verdict.person, verdict.known, verdict.confidence) == (1, Known.KNOWN, 1.0)
    assert verdict.distance == pytest.approx((0.3 + 0.3 + 0.4) / 3)


def test_a_stranger_is_unknown_not_the_nearest() -> None:
    verdict = ballot(STRANGER, STRANGER, STRANGER).verdict
    assert (verdict.person, verdict.known) == (None, Known.UNKNOWN)
    assert verdict.distance == pytest.approx(0.9)


def test_with_nobody_enrolled_everybody_is_unknown() -> None:
    assert ballot(*[NOBODY_ENROLLED] * 3).verdict == Verdict(None, Known.UNKNOWN, 1.0, math.inf)


def test_doubts_make_a_stranger_late() -> None:
    assert ballot(*[DOUBT] * 5).verdict.known is Known.UNDECIDED
    assert ballot(*[DOUBT] * 6).verdict.known is Known.UNKNOWN


def test_a_doubt_hardly_disturbs_a_known_person() -> None:
    verdict = ballot(ANNA, DOUBT, ANNA, DOUBT, ANNA).verdict
    assert verdict.known is Known.KNOWN
    assert verdict.confidence == pytest.approx(3 / 4)


def test_looks_that_disagree_decide_nothing() -> None:
    verdict = ballot(ANNA, BEN, ANNA, BEN, ANNA, BEN).verdict
    assert (verdict.person, verdict.known) == (None, Known.UNDECIDED)


def test_good_looks_outvote_bad_ones() -> None:
    looks = [(ANNA, 100.0)] * 3 + [(BEN, 10.0)] * 3
    verdict = weighed(looks).verdict
    assert (verdict.person, verdict.known) == (1, Known.KNOWN)
    assert verdict.confidence == pytest.approx(300 / 330)


def test_one_very_good_look_is_still_one() -> None:
    assert weighed([(ANNA, 1000.0), (STRANGER, 1.0), (STRANGER, 1.0)]).verdict.known is Known.UNDECIDED


@pytest.mark.parametrize("weight", [0.0, -1.0, math.nan, math.inf])
def test_a_look_without_a_weight_does_not_count(weight: float) -> None:
    made = ballot(ANNA, ANNA, ANNA, weight=weight)
    assert len(made) == 0
    assert made.verdict.known is Known.UNDECIDED


def test_old_looks_are_forgotten() -> None:
    made = ballot(*[ANNA] * 6, *[STRANGER] * 5)
    assert len(made) == SETTINGS.window
    assert made.verdict.known is Known.UNKNOWN


def test_the_scale_of_the_weights_does_not_matter() -> None:
    looks = [(ANNA, 3.0), (STRANGER, 1.0), (ANNA, 2.0), (DOUBT, 2.0), (ANNA, 1.0)]
    verdict = weighed(looks).verdict
    scaled = weighed((look, weight * 1e6) for look, weight in looks).verdict
    assert (verdict.person, verdict.known) == (scaled.person, scaled.known)
    assert verdict.confidence == pytest.approx(scaled.confidence)
