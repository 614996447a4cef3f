from __future__ import annotations

import errno
import socket
import ssl

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from alerts.mqtt.trouble import failure, refusal


@pytest.mark.parametrize(
    ("code", "advice"),
    [(134, "mqtt.password"), (135, "access list"), (133, "mqtt.client_id"), (132, "mqtt.version")],
)
def test_a_refusal_says_what_to_check(code: int, advice: str) -> None:
    text = refusal(ReasonCode(PacketTypes.CONNACK, identifier=code))
    assert f"(code {code})" in text
    assert advice in text


def test_a_refusal_without_advice() -> None:
    text = refusal(ReasonCode(PacketTypes.CONNACK, identifier=136))
    assert text == "the broker refused the connection: Server unavailable (code 136)"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "nothing listens at broker:1883"),
        (socket.gaierror(-2, "Name or service not known"), "cannot find the address of broker"),
        (socket.timeout("timed out"), "broker:1883 does not answer"),
        (ssl.SSLError(1, "wrong version number"), "TLS with broker:1883 failed"),
        (
            PermissionError(errno.EACCES, "Permission denied", "/etc/key.pem"),
            "/etc/key.pem: Permission denied",
        ),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "Network is unreachable"),
        (ValueError("Invalid host."), "cannot connect to broker:1883: Invalid host."),
    ],
)
def test_a_failure_says_what_is_wrong(error: Exception, says: str) -> None:
    assert says in failure(error, "broker", 1883)
