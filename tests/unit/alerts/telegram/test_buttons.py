from __future__ import annotations

from dataclasses import replace
from typing import List

import pytest

from agent.domain.incident import Incident, Kind, State
from alerts.languages import texts
from alerts.telegram.buttons import Pressed, Verb, decode, encode, keyboard
from tests.fakes.changes import opened


def data(incident: Incident) -> List[str]:
    markup = keyboard(incident, texts("en"))
    if markup is None:
        return []
    return [str(button.callback_data) for row in markup.inline_keyboard for button in row]


@pytest.mark.parametrize("kind", Kind)
def test_only_lesser_kinds_can_be_silenced(kind: Kind) -> None:
    incident = opened("i", kind).incident
    lesser = kind in (Kind.OBJECT, Kind.FACE, Kind.CAMERA)
    assert ("hush:i" in data(incident)) is lesser


def test_what_can_be_done_in_each_state() -> None:
    incident = opened("i", Kind.CAMERA).incident
    assert data(incident) == ["ack:i", "false:i", "live:i", "hush:i"]
    assert data(replace(incident, state=State.ACKNOWLEDGED)) == ["false:i", "live:i", "hush:i"]
    assert data(replace(incident, state=State.RESOLVED)) == ["false:i"]
    assert data(replace(incident, state=State.DISMISSED)) == []


def test_a_drill_has_no_buttons() -> None:
    assert data(replace(opened("i").incident, drill=True)) == []


@pytest.mark.parametrize("incident_id", ["", "a b", "é", "x" * 57, "a:b"])
def test_an_id_that_does_not_fit_is_refused(incident_id: str) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        encode(Pressed(Verb.FALSE_ALARM, incident_id))


@pytest.mark.parametrize(
    "garbage", [None, "", "ack", "ack:", "ack:a\n", "ACK:a", "kill:a", "ack:a b", "ack:é"]
)
def test_garbage_is_nothing(garbage: str | None) -> None:
    assert decode(garbage) is None
