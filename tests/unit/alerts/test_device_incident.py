"""An incident of the device itself, which is on no camera, as the city and people get it."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import List

import pytest

from agent.domain.incident import NO_CAMERA, Change, Incident, Kind
from agent.store.history import PastChange, PastIncident
from alerts.bot.choosing import hushable, place_label
from alerts.city.envelope import CameraInfo, Origin, incident_event
from alerts.languages import texts
from alerts.telegram.buttons import keyboard
from alerts.telegram.wording import Place, alert_text
from tests.fakes.changes import AT
from tests.fakes.city import check
from tests.fakes.lobby import ANNA, lobby, private

OPENED = Incident.open("i", NO_CAMERA, Kind.DEVICE, AT, 1.0, reason="engine")


def told(change: Change, language: str) -> List[str]:
    past = PastIncident(change.incident, [PastChange(change, AT, None, [])])
    now = AT + timedelta(seconds=1)
    return alert_text(past, Place("tower-3"), texts(language), now, zone=timezone.utc).splitlines()


def test_the_city_is_told_of_the_device_and_of_no_camera() -> None:
    event = incident_event(OPENED, Origin("town", "tower"), CameraInfo())
    check("incident-event", event)
    assert event["source"] == "/town/tower"
    data = event["data"]
    assert isinstance(data, dict)
    assert (data["kind"], data["camera"], data["reason"], data["severity"]) == (
        "device",
        None,
        "engine",
        "medium",
    )


@pytest.mark.parametrize(
    ("language", "headline"),
    [
        (
            "en",
            (
                "🛠 <b>Device needs care</b> · tower-3 · "
                "the TensorRT engine failed, the model looks without it, perhaps more slowly"
            ),
        ),
        (
            "fr",
            (
                "🛠 <b>L&#x27;appareil demande une intervention</b> · tower-3 · "
                "le moteur TensorRT a échoué, le modèle analyse sans lui, peut-être plus lentement"
            ),
        ),
        (
            "nl",
            (
                "🛠 <b>Toestel vraagt aandacht</b> · tower-3 · "
                "de TensorRT-engine faalde, het model kijkt zonder, misschien trager"
            ),
        ),
    ],
)
def test_people_are_told_what_the_device_lacks(language: str, headline: str) -> None:
    assert told(OPENED, language)[0].replace("'", "&#x27;") == headline
    assert len(told(OPENED, language)) == 3


def test_there_is_no_picture_to_ask_for_and_nothing_to_silence() -> None:
    markup = keyboard(OPENED.incident, texts("en"))
    assert markup is not None
    assert [[button.callback_data for button in row] for row in markup.inline_keyboard] == [
        ["ack:i", "false:i"]
    ]
    assert Kind.DEVICE not in hushable()


def test_the_bot_s_lists_call_it_the_device() -> None:
    assert place_label({"yard": "Back yard"}, NO_CAMERA, texts("en")) == "the device"
    assert place_label({"yard": "Back yard"}, "yard", texts("en")) == "Back yard"
    assert place_label({}, "gone", texts("en")) == "gone"
    with lobby() as at:
        at.member(private(ANNA))
        at.incident(OPENED)
        assert "Device needs care</b> · the device" in at.says("/incidents")[0].text
