"""What a broker's refusals and a network's failures mean for the person who must act."""

from __future__ import annotations

import socket
import ssl
from typing import Optional

from paho.mqtt.reasoncodes import ReasonCode

from agent.errors import DeliveryError, PermanentDeliveryError, TransientDeliveryError

NOT_AUTHORIZED = 135
TOPIC_NAME_INVALID = 144
PACKET_TOO_LARGE = 149
PAYLOAD_FORMAT_INVALID = 153

_HOPELESS = frozenset({NOT_AUTHORIZED, TOPIC_NAME_INVALID, PACKET_TOO_LARGE, PAYLOAD_FORMAT_INVALID})

_ADVICE = {
    134: "check mqtt.username and mqtt.password",
    NOT_AUTHORIZED: "check mqtt.username, mqtt.password and the broker's access list",
    133: "set another mqtt.client_id",
    132: "set mqtt.version to the one that the broker speaks",
}


def refusal(reason: ReasonCode) -> str:
    """Why the broker did not let us in."""
    advice = _ADVICE.get(reason.value)
    text = f"the broker refused the connection: {reason} (code {reason.value})"
    return f"{text}; {advice}" if advice else text


def verdict(reason: ReasonCode, topic: str) -> Optional[DeliveryError]:
    """What an acknowledgement means: None where the broker took the message."""
    if not reason.is_failure:
        return None
    text = f"the broker refused a message on {topic}: {reason} (code {reason.value})"
    if reason.value in _HOPELESS:
        return PermanentDeliveryError(text)
    return TransientDeliveryError(text)


def failure(error: Exception, host: str, port: int) -> str:
    """Why no connection could be made."""
    where = f"{host}:{port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of {where} is not trusted: {error.verify_message}; check mqtt.tls.ca_file"
    if isinstance(error, ssl.SSLError):
        return f"TLS with {where} failed: {error}; check mqtt.tls and mqtt.port"
    if isinstance(error, socket.gaierror):
        return f"cannot find the address of {host}; check mqtt.host and the network's DNS"
    if isinstance(error, ConnectionRefusedError):
        return f"nothing listens at {where}; check mqtt.host and mqtt.port, and that the broker runs"
    if isinstance(error, socket.timeout):
        return f"{where} does not answer"
    if isinstance(error, OSError) and error.filename is not None:
        return f"a file of mqtt.tls cannot be read: {error.filename}: {error.strerror}"
    return f"cannot connect to {where}: {error}"
