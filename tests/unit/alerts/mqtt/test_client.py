from __future__ import annotations

from typing import Any, Dict

import pytest

from agent.config.settings import MqttSettings, TlsSettings
from agent.errors import PermanentDeliveryError
from alerts.mqtt.client import port, uses_tls
from alerts.mqtt.message import encode


@pytest.mark.parametrize(
    ("tls", "on"),
    [
        ({}, False),
        ({"enabled": True}, True),
        ({"ca_file": "ca.pem"}, True),
        ({"cert_file": "cert.pem", "key_file": "key.pem"}, True),
        ({"insecure": True}, True),
        ({"enabled": False, "ca_file": "ca.pem"}, True),
    ],
)
def test_any_tls_field_turns_tls_on(tls: Dict[str, Any], on: bool) -> None:
    assert uses_tls(TlsSettings.model_validate(tls)) is on


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, 1883),
        ({"tls": {"ca_file": "ca.pem"}}, 8883),
        ({"port": 2000, "tls": {"ca_file": "ca.pem"}}, 2000),
    ],
)
def test_the_port_follows_tls_unless_set(settings: Dict[str, Any], expected: int) -> None:
    assert port(MqttSettings.model_validate({"host": "broker", **settings})) == expected


def test_payloads_are_compact_utf8() -> None:
    assert encode({"name": "Été", "n": [1]}) == '{"name":"Été","n":[1]}'.encode()


def test_what_is_not_json_can_never_be_delivered() -> None:
    with pytest.raises(PermanentDeliveryError, match="JSON"):
        encode({"fps": float("nan")})
