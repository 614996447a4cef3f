from __future__ import annotations

from typing import List

import pytest

from agent.config.doubts import doubts
from tests.unit.config.writing import Desk

BROKER = "mqtt: {host: broker.example, username: u, tls: {enabled: true}}\n"


def told(desk: Desk, text: str, mode: int = 0o600) -> List[str]:
    settings = desk.load(text, {"PASSWORD": "hunter2"})
    desk.path.chmod(mode)
    return doubts(settings, desk.path)


def test_nothing_to_doubt(desk: Desk) -> None:
    assert told(desk, "cameras: ['rtsp://u:p@h/']\n" + BROKER) == []
    assert told(desk, "cameras: ['rtsp://u:${PASSWORD}@h/']\n" + BROKER, 0o644) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cameras: [{url: usb:0, enabled: false}]\n" + BROKER, "no camera is enabled"),
        ("cameras: [usb:0]\n", "there is neither an mqtt nor a telegram section: incidents are"),
        ("cameras: [/no/such/film.mp4]\n" + BROKER, "camera camera-1: /no/such/film.mp4 is not there now"),
        (
            "cameras: [usb:0]\n" + BROKER.replace("enabled", "insecure"),
            "mqtt.tls.insecure accepts any certificate",
        ),
        (
            "cameras: [usb:0]\nmqtt: {host: h, username: u, password: p}\n",
            "the broker's password travels unencry",
        ),
        (
            "cameras: [{url: usb:0, objects: {rules: [{name: a, when: enter, above: 3, severity: low}]}}]\n"
            + BROKER,
            "camera camera-1: above, severity of the rule a means nothing here. Leave it out.",
        ),
    ],
)
def test_what_is_doubtful(desk: Desk, text: str, expected: str) -> None:
    (doubt,) = told(desk, text)
    assert doubt.startswith(expected)


def test_telegram_alone_tells_somebody(desk: Desk) -> None:
    assert (
        told(desk, "cameras: [usb:0]\ntelegram: {token: '123456789:AAthirtyFiveLettersOfNobodysTokenAA'}\n")
        == []
    )


def test_a_password_on_this_machine_needs_no_tls(desk: Desk) -> None:
    assert told(desk, "cameras: [usb:0]\nmqtt: {host: localhost, username: u, password: hunter2}\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "cameras: ['rtsp://u:p@h/']\n" + BROKER,
        "cameras: [usb:0]\n" + BROKER.replace("tls", "password: hunter2, tls"),
    ],
)
def test_passwords_that_every_user_may_read(desk: Desk, text: str) -> None:
    (doubt,) = told(desk, text, 0o644)
    assert doubt.startswith("every user may read ")
    assert "hunter2" not in doubt
