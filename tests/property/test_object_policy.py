"""Whatever things do and people say: incidents keep their order and end, and lines lose nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, List, Tuple

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.detection import Tracked
from agent.domain.geometry import Line
from agent.domain.incident import Change, IllegalTransitionError, Transition
from agent.domain.object_event import ObjectEvent, ObjectEventKind
from agent.domain.policy.object_cases import Patience
from agent.domain.policy.object_rules import Raises, RuleKind
from tests.fakes.walks import BY, Told, Walk, rule, seen

MIDDLE = Line("middle", (0.5, 1.0), (0.5, 0.0))
KINDS: Dict[RuleKind, Dict[str, Any]] = {
    RuleKind.ENTER: {},
    RuleKind.LEAVE: {},
    RuleKind.LOITER: {"seconds": 2.0},
    RuleKind.COUNT: {"seconds": 1.0, "above": 1},
    RuleKind.LEFT_BEHIND: {"seconds": 3.0},
    RuleKind.WRONG_WAY: {"seconds": 0.4, "way": ((0.1, 0.5), (0.9, 0.5))},
    RuleKind.LINE: {"line": MIDDLE},
}
RULES = [
    rule(kind, f"{kind.value}-{raises.value}", raises=raises, **told)
    for kind, told in KINDS.items()
    for raises in (Raises.EVENT, Raises.INCIDENT)
]
PATIENCE = Patience(resolve_after_s=3.0, renotify_s=4.0, dismissed_again_after_s=20.0)

things = st.builds(
    seen,
    st.sampled_from([0.1, 0.3, 0.45, 0.55, 0.8]),
    st.sampled_from([0.5, 0.7]),
    st.integers(1, 4),
    st.sampled_from(["person", "suitcase", "car"]),
    st.sampled_from([0.3, 0.9]),
)
looks = st.lists(things, max_size=4, unique_by=lambda one: one.track)
turns = st.tuples(
    st.sampled_from([0.2, 0.2, 0.2, 1.0, 30.0]),
    looks,
    st.integers(1, 12),
    st.sampled_from(["", "", "acknowledge", "dismiss"]),
)


def said(walk: Walk, last: Change, word: str) -> List[Change]:
    """What becomes of a person's word about the incident that changed last."""
    at = walk.clock.moment()
    try:
        change = walk.say(last.incident, lambda one: getattr(one, word)(at.utc, BY))
    except IllegalTransitionError:
        return []
    return [] if change is None else [change]


def told_of(story: List[Tuple[float, List[Tracked], int, str]]) -> Told:
    """All that is told in its order; in the end nobody is there for two minutes."""
    walk = Walk(*RULES, patience=PATIENCE)
    told: Told = []
    for after_s, seen_now, times, word in story:
        for _ in range(times):
            told += walk.look(*seen_now, after_s=after_s)
        changes = [one for one in told if isinstance(one, Change)]
        if word and changes:
            told += said(walk, changes[-1], word)
    return told + walk.over(120.0)


@settings(max_examples=60)
@given(st.lists(turns, max_size=12))
def test_incidents_keep_their_order_and_end(story: List[Tuple[float, List[Tracked], int, str]]) -> None:
    open_of: Dict[str, str] = {}
    sequences: Dict[str, List[int]] = {}
    for one in told_of(story):
        if isinstance(one, ObjectEvent):
            assert one.rule.endswith("event")
            continue
        incident, name = one.incident, str(one.incident.reason)
        assert name.endswith("incident")
        sequences.setdefault(incident.id, []).append(incident.sequence)
        if one.transition is Transition.OPENED:
            assert name not in open_of, "one incident a rule"
            open_of[name] = incident.id
        assert open_of[name] == incident.id
        if incident.state.closed:
            del open_of[name]
    assert open_of == {}
    for numbers in sequences.values():
        assert numbers == list(range(1, len(numbers) + 1))


@settings(max_examples=60)
@given(st.lists(turns, max_size=12))
def test_what_enters_leaves_once(story: List[Tuple[float, List[Tracked], int, str]]) -> None:
    inside = 0
    for one in told_of(story):
        if isinstance(one, ObjectEvent):
            inside += {ObjectEventKind.ENTERED: 1, ObjectEventKind.LEFT: -1}.get(one.kind, 0)
            assert inside >= 0
    assert inside == 0


@given(st.lists(st.sampled_from([0.1, 0.3, 0.7, 0.9]), min_size=1, max_size=12))
def test_a_line_counts_everybody_who_ends_on_its_other_side(spots: List[float]) -> None:
    walk = Walk(replace(rule(RuleKind.LINE), line=MIDDLE))
    for x in spots:
        walk.look(seen(x))
        walk.look(seen(x))
    ways = walk.policy.counts()["middle"]
    net = ways["in"].get("person", 0) - ways["out"].get("person", 0)
    assert net == (spots[-1] > 0.5) - (spots[0] > 0.5)
