"""No silence, no guard and no floor, in any combination, ever holds fire back."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Dict, List, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.controls import NeverSilentError
from agent.desk.quiet import Quiet
from agent.domain.guard import Guard, Hours
from agent.domain.incident import Kind, Severity
from agent.domain.silence import NEVER_SILENT, Silence
from agent.store.database import open_database
from agent.store.guards import Guards
from agent.store.silences import Silences
from alerts.routing import Listener, Router
from tests.fakes.changes import every_transition, opened
from tests.fakes.clock import FakeClock
from tests.fakes.disk import fast_folder

CAMERAS = ("yard", "gate")
START = FakeClock().now()

times = st.integers(-48, 48).map(lambda hours: START + timedelta(hours=hours))
hours = st.builds(
    Hours,
    st.lists(st.integers(0, 6), max_size=7, unique=True).map(tuple),
    st.builds(time, st.integers(0, 23)),
    st.builds(time, st.integers(0, 23)),
)
weeks = st.none() | st.lists(hours, max_size=4).map(tuple)
guards = st.builds(Guard, st.booleans(), st.none() | times, weeks, st.none() | times)
silences = st.lists(
    st.builds(Silence, st.sampled_from(CAMERAS), st.sampled_from(Kind), times, times, st.just("telegram:1")),
    max_size=10,
)
listeners = st.lists(
    st.builds(Listener, st.sampled_from("abcd"), st.sampled_from(Severity), st.booleans()),
    max_size=4,
    unique_by=lambda one: one.name,
)


@dataclass
class KeptSilences:
    """What agent.store.silences does, without a disk; it would even keep one of fire."""

    kept: List[Silence] = field(default_factory=list)

    def active(self, at: datetime) -> List[Silence]:
        return self.kept


@dataclass
class KeptGuards:
    """What agent.store.guards does, without a disk."""

    kept: Dict[str, Guard] = field(default_factory=dict)

    def get(self, camera: str) -> Guard:
        return self.kept.get(camera, Guard())


def quiet(kept: List[Silence], guarding: Dict[str, Guard], clock: FakeClock) -> Quiet:
    return Quiet(CAMERAS, KeptSilences(kept), KeptGuards(guarding), clock)  # type: ignore[arg-type]


@given(silences, st.dictionaries(st.sampled_from(CAMERAS), guards), listeners, st.integers(0, 72))
def test_fire_is_never_held_back(
    kept: List[Silence], guarding: Dict[str, Guard], told: List[Listener], later_h: int
) -> None:
    clock = FakeClock()
    router = Router(told, quiet(kept, guarding, clock).hushes)
    names = [listener.name for listener in told]
    for kind in Kind:
        clock.advance(later_h * 3600 / len(Kind))
        for change in every_transition(kind):
            reached = router(change)
            assert set(reached) <= set(names)
            if kind in NEVER_SILENT:
                assert reached == names


@given(
    silences, st.dictionaries(st.sampled_from(CAMERAS), guards), st.sampled_from(CAMERAS), st.integers(0, 72)
)
def test_people_are_spared_exactly_what_a_silence_covers_or_a_camera_is_disarmed_for(
    kept: List[Silence], guarding: Dict[str, Guard], camera: str, later_h: int
) -> None:
    clock = FakeClock()
    held = quiet(kept, guarding, clock)
    clock.advance(later_h * 3600.0)
    now = clock.now()
    for kind in Kind:
        silent = any(one.covers(camera, kind, now) for one in kept)
        armed = guarding.get(camera, Guard()).armed(now, now.astimezone())
        expected = kind not in NEVER_SILENT and (silent or not armed)
        assert held.hushes(opened(kind=kind, camera=camera)) is expected


@given(st.sampled_from(sorted(NEVER_SILENT)), st.floats(0, 1e9))
def test_nobody_can_ask_for_a_silence_of_fire(kind: Kind, duration_s: float) -> None:
    with pytest.raises(NeverSilentError):
        quiet([], {}, FakeClock()).silence("yard", kind, duration_s, "telegram:1")


def test_the_real_stores_keep_the_promise_too() -> None:
    clock = FakeClock()
    with fast_folder() as folder, closing(open_database(folder / "beffroi.db", clock)) as database:
        silences, guards = Silences(database, clock), Guards(database, clock)
        for kind in Kind:
            silences.add(Silence("yard", kind, clock.now(), clock.now() + timedelta(days=1), "telegram:1"))
        guards.put("yard", Guard(disarmed=True))
        held = Quiet(CAMERAS, silences, guards, clock)
        hushed: Optional[List[Kind]] = [kind for kind in Kind if held.hushes(opened(kind=kind))]
        assert hushed == [kind for kind in Kind if kind not in NEVER_SILENT]
