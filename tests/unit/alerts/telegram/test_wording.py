from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from typing import List, Optional, Sequence

import pytest

from agent.domain.incident import Change, Incident, Kind
from agent.domain.policy.object_rules import BAGS, THINGS, ObjectRule, RuleKind
from agent.store.history import PastChange, PastIncident
from alerts.languages import texts
from alerts.telegram.plan import IN_SUMMARY
from alerts.telegram.summary import Summary, summary_text
from alerts.telegram.things import rule_text, thing_name
from alerts.telegram.wording import Place, alert_text, headline, over_text
from tests.fakes.changes import AT, opened

T = texts("en")
YARD = Place("Depot yard", 50.85, 4.35)


def past(*changes: Change) -> PastIncident:
    return PastIncident(changes[-1].incident, [PastChange(change, change.at, None, []) for change in changes])


def lines(*changes: Change, place: Place = YARD, actor: str = "") -> List[str]:
    now = changes[-1].at + timedelta(seconds=1)
    return alert_text(past(*changes), place, T, now, actor, timezone.utc).splitlines()


def later(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)


def test_the_first_line_says_what_where_and_how_sure() -> None:
    assert lines(opened("i", Kind.FIRE))[0] == "🔥 <b>FIRE</b> · Depot yard · 80 %"
    assert (
        lines(opened("i", Kind.CAMERA))[0] == "📷 <b>Camera sees nothing</b> · Depot yard · no new pictures"
    )
    assert lines(replace(opened("i", Kind.OBJECT)))[0] == "📦 <b>Object</b> · Depot yard · 80 %"


@pytest.mark.parametrize(
    ("reason", "person", "said"),
    [
        ("unknown", None, "not enrolled"),
        ("unauthorised", 12, "enrolled, but may not be here (number 12)"),
    ],
)
def test_a_face_is_told_by_why_and_never_by_name(reason: str, person: Optional[int], said: str) -> None:
    change = Incident.open("i", "yard", Kind.FACE, AT, 0.8, reason=reason, person=person)
    assert lines(change)[0] == f"👤 <b>Face</b> · Depot yard · {said} · 80 %"


@pytest.mark.parametrize(
    ("kind", "labels", "language", "said"),
    [
        (RuleKind.ENTER, ["person"], "en", "at-night: came in (person)"),
        (RuleKind.LEFT_BEHIND, BAGS, "fr", "at-night\u00a0: abandon (sac à dos, sac à main, valise)"),
        (
            RuleKind.WRONG_WAY,
            ["car", "truck"],
            "nl",
            "at-night: in de verkeerde richting (auto, vrachtwagen)",
        ),
        (RuleKind.LOITER, THINGS, "en", "at-night: stays there"),
    ],
)
def test_a_thing_is_told_by_its_rule_in_words(
    kind: RuleKind, labels: Sequence[str], language: str, said: str
) -> None:
    rule = ObjectRule("at-night", kind, frozenset(labels))
    place = replace(YARD, rules={"at-night": rule})
    incident = Incident.open("i", "yard", Kind.OBJECT, AT, 0.8, reason="at-night").incident
    assert f"</b> · Depot yard · {said} · 80" in headline(incident, place, texts(language))
    assert headline(incident, YARD, T) == "📦 <b>Object</b> · Depot yard · at-night · 80 %"


def test_a_rule_that_is_named_like_a_trouble_is_still_a_rule() -> None:
    incident = Incident.open("i", "yard", Kind.OBJECT, AT, 0.8, reason="unknown").incident
    assert headline(incident, YARD, T) == "📦 <b>Object</b> · Depot yard · unknown · 80 %"


def test_every_thing_and_every_kind_of_rule_has_a_word_in_each_language() -> None:
    for language in ("en", "fr", "nl"):
        t = texts(language)
        assert len({thing_name(label, t) for label in THINGS}) == len(THINGS)
        rules = [ObjectRule("r", kind, frozenset({"car"})) for kind in RuleKind]
        assert len({rule_text(rule, t) for rule in rules}) == len(RuleKind)


def test_a_camera_without_a_reason_or_a_place() -> None:
    change = opened("i", Kind.CAMERA)
    bare = replace(change, incident=replace(change.incident, reason=None))
    assert lines(bare, place=Place("yard")) == [
        "📷 <b>Camera sees nothing</b> · yard",
        "Since 12:00",
        "<i>Incident i</i>",
    ]


def test_the_map_is_linked_where_the_camera_has_a_place() -> None:
    (link,) = [line for line in lines(opened()) if "href" in line]
    assert link == (
        '📍 <a href="https://www.openstreetmap.org/?mlat=50.85000&amp;mlon=4.35000'
        '#map=18/50.85000/4.35000">Map</a>'
    )


def test_it_goes_on_or_still_burns() -> None:
    fire, blind = opened("i", Kind.FIRE), opened("j", Kind.CAMERA)
    assert "Since 12:00, still burning after 5 min" in lines(fire, fire.incident.update(AT + later(5), 0.8))
    assert "Since 12:00, still going on after 5 min" in lines(
        blind, blind.incident.update(AT + later(5), 1.0)
    )


def test_it_was_surer_before() -> None:
    fire = opened("i", Kind.FIRE)
    assert "It was 80 % sure before" in lines(fire, fire.incident.update(AT + later(5), 0.4))


def test_an_unknown_person_is_somebody() -> None:
    fire = opened("i", Kind.FIRE)
    assert "👍 Acknowledged by somebody at 12:01" in lines(
        fire, fire.incident.acknowledge(AT + later(1), "x")
    )


def test_a_false_alarm_called_after_the_end_keeps_the_time_of_the_end() -> None:
    fire = opened("i", Kind.FIRE)
    over = fire.incident.resolve(AT + later(10), 0.0)
    called = over.incident.dismiss(AT + later(60), "x")
    told = lines(fire, over, called, actor="Anna")
    assert told[0] == "❌ <b>False alarm: Fire</b> · Depot yard"
    assert "From 12:00 to 12:10" in told
    assert "❌ Called a false alarm by Anna at 13:00" in told


def test_a_drill_says_so_in_the_first_line_and_who_asked() -> None:
    change = opened("i", Kind.FIRE)
    drill = replace(change, incident=replace(change.incident, drill=True))
    told = lines(drill, actor="Anna")
    assert told[0] == "🧪 DRILL · 🔥 <b>FIRE</b> · Depot yard · 80 %"
    assert told[1] == "<b>This is a drill: nothing burns.</b>"
    assert "Asked for by Anna" in told
    assert not any("Asked" in line for line in lines(drill))


def test_names_are_escaped_and_cut() -> None:
    place = Place("<b>&" + "x" * 200)
    line = headline(opened("i", Kind.FIRE).incident, place, T)
    assert "&lt;b&gt;&amp;xxx" in line
    assert len(line) < 120


@pytest.mark.parametrize("language", ["en", "fr", "nl"])
def test_a_caption_is_never_too_long(language: str) -> None:
    first = opened("i" * 56, Kind.START_FIRE)
    worse = first.incident.escalate(Kind.FIRE, AT + later(1), 0.9)
    known = worse.incident.acknowledge(AT + later(2), "x")
    text = alert_text(
        past(first, worse, known, known.incident.update(AT + later(9000), 0.1)),
        Place("&" * 300, -89.123456, -179.123456),
        texts(language),
        AT + later(99999),
        "N" * 128,
    )
    assert len(text) <= 1024


def test_the_end_is_short() -> None:
    fire = opened("i", Kind.FIRE)
    over = over_text(past(fire, fire.incident.resolve(AT + later(7), 0.0)), YARD, T)
    assert over == "✅ <b>Over: Fire</b> · Depot yard\nIt went on for 7 min."
    dismissed = over_text(past(fire, fire.incident.dismiss(AT + later(7), "x")), YARD, T)
    assert dismissed == "❌ <b>False alarm: Fire</b> · Depot yard"


def test_a_summary_puts_fire_first_then_the_worst_then_the_oldest() -> None:
    pasts = []
    for minute, kind in enumerate([Kind.CAMERA, Kind.SMOKE, Kind.FIRE, Kind.OBJECT]):
        change = opened(f"i{minute}", kind)
        pasts.append(past(replace(change, incident=replace(change.incident, first_seen=AT + later(minute)))))
    told = summary_text(pasts, {"yard": YARD}, T, AT + later(60), timezone.utc).splitlines()
    assert [line.split(" ", 1)[0] for line in told] == ["🕳", "🔥", "💨", "📷", "📦"]
    assert told[1] == "🔥 12:02 <b>Fire</b> · Depot yard: open"


def test_a_summary_fits_a_message() -> None:
    pasts = [past(opened(f"i{number}")) for number in range(300)]
    text = summary_text(pasts, {"yard": Place("&" * 300)}, T, AT + timedelta(days=9))
    assert len(text) < 4096 * 5
    assert text.endswith("and 275 more: /incidents")


def test_a_summary_takes_more_only_while_it_is_fresh_and_of_what_is_no_worse() -> None:
    blind, fire = past(opened("i", Kind.CAMERA)), past(opened("j", Kind.FIRE))
    summary = Summary(7, 100.0, [blind])
    assert summary.takes([blind], 200.0)
    assert not summary.takes([fire], 200.0)
    assert not summary.takes([blind], 1000.0)
    assert summary.with_more([fire, blind]) == [blind, fire]
    assert IN_SUMMARY == 0
