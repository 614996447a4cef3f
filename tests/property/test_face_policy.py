"""Whatever is seen and said, the incidents of faces keep their order, and end."""

from __future__ import annotations

import itertools
from typing import Dict, List, Optional, Set, Tuple

from hypothesis import given
from hypothesis import strategies as st

from agent.domain.face_event import FaceEvent
from agent.domain.incident import Change, IllegalTransitionError, Transition
from agent.domain.policy.face import AUTHORISED, OFF, WATCH, Appearance, FacePolicy, FacePolicySettings
from agent.domain.policy.recognition import Known, Verdict
from agent.domain.zone import Zone
from tests.fakes.changes import FACES
from tests.fakes.clock import FakeClock

BY = "telegram:1"
PEOPLE = frozenset({1, 2, 3})
ALLOWED = frozenset({1})
SETTINGS = FacePolicySettings(
    AUTHORISED,
    (
        (Zone("hall", ((0.0, 0.0), (0.3, 0.0), (0.3, 1.0), (0.0, 1.0))), WATCH),
        (Zone("park", ((0.3, 0.0), (0.6, 0.0), (0.6, 1.0), (0.3, 1.0))), OFF),
    ),
    resolve_after_s=5.0,
    renotify_s=7.0,
    again_after_s=9.0,
    dismissed_again_after_s=30.0,
)

verdicts = st.one_of(
    st.sampled_from(sorted(PEOPLE)).map(lambda person: Verdict(person, Known.KNOWN, 0.9, 0.3)),
    st.sampled_from([Known.UNKNOWN, Known.UNDECIDED]).map(lambda known: Verdict(None, known, 0.7, 0.8)),
)
appearances = st.builds(
    Appearance, st.integers(1, 5), verdicts, st.sampled_from([0.1, 0.45, 0.9]), st.just(0.5)
)
steps = st.tuples(
    st.sampled_from([0.2, 1.0, 4.0, 40.0]),
    st.lists(appearances, max_size=4),
    st.sampled_from(["", "", "", "acknowledge", "dismiss", "forget"]),
)


class Story:
    """A policy, and everything that it told in its order."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        numbers = itertools.count(1)
        self.policy = FacePolicy("gate", SETTINGS, lambda: f"f{next(numbers)}")
        self.changes: List[Change] = []
        self.events: List[FaceEvent] = []

    def look(self, after_s: float, seen: List[Appearance]) -> None:
        self.clock.advance(after_s)
        for one in self.policy.look(seen, ALLOWED, self.clock.moment(), FACES):
            if isinstance(one, Change):
                self.changes.append(one)
            else:
                self.events.append(one)

    def say(self, word: str) -> None:
        """Of the incident that changed last."""
        at = self.clock.moment()
        if word == "forget":
            self.changes += self.policy.forget(ALLOWED, at)
        elif word and self.changes:
            try:
                change = self.policy.judge(
                    self.changes[-1].incident.id, lambda one: getattr(one, word)(at.utc, BY), at
                )
            except IllegalTransitionError:
                return
            self.changes += [] if change is None else [change]

    def still_open(self) -> Set[str]:
        last = {change.incident.id: change.incident for change in self.changes}
        return {number for number, incident in last.items() if not incident.state.closed}


@given(st.lists(steps, max_size=40))
def test_incidents_keep_their_order_and_end(story_of: List[Tuple[float, List[Appearance], str]]) -> None:
    story = Story()
    for after_s, seen, word in story_of:
        story.look(after_s, seen)
        causes: List[Optional[int]] = [
            change.incident.person
            for change in story.changes
            if change.transition is Transition.OPENED and change.incident.id in story.still_open()
        ]
        assert len(causes) == len(set(causes)), "one incident for each cause"
        story.say(word)
    for _ in range(10):
        story.look(1.0, [])
    assert story.still_open() == set()
    sequences: Dict[str, List[int]] = {}
    for change in story.changes:
        sequences.setdefault(change.incident.id, []).append(change.incident.sequence)
        assert change.incident.person not in ALLOWED
    for numbers in sequences.values():
        assert numbers == list(range(1, len(numbers) + 1))


@given(st.lists(steps, max_size=40))
def test_the_same_person_is_told_now_and_then_only(
    story_of: List[Tuple[float, List[Appearance], str]],
) -> None:
    story = Story()
    for after_s, seen, _ in story_of:
        story.look(after_s, seen)
    last: Dict[Optional[int], FaceEvent] = {}
    for event in story.events:
        assert event.person in ALLOWED
        assert event.zones == ("hall",)
        before = last.get(event.person)
        assert before is None or (event.at - before.at).total_seconds() >= SETTINGS.again_after_s
        last[event.person] = event
