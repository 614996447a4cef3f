"""A paho client set up from the configuration; it never reconnects by itself."""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import Any, Optional

from paho.mqtt.client import Client, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from agent.config.settings import MqttSettings, TlsSettings
from alerts.mqtt.message import Message

CONNECT_TIMEOUT_S = 4.0
"""Long enough for two lost SYNs, short enough to stop within the five seconds that a daemon has."""


def port(settings: MqttSettings) -> int:
    """The port in force."""
    return settings.port or (8883 if uses_tls(settings.tls) else 1883)


def uses_tls(tls: TlsSettings) -> bool:
    """TLS is on whenever anything about it is configured."""
    return bool(tls.enabled or tls.ca_file or tls.cert_file or tls.key_file or tls.insecure)


def build(settings: MqttSettings, client_id: str, will: Optional[Message], inflight: int) -> Client:
    """A client ready to connect. Raises OSError where a file of mqtt.tls cannot be used."""
    version5 = settings.version == "5"
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        # The outbox is the session: nothing is left at the broker between connections.
        clean_session=None if version5 else True,
        protocol=MQTTv5 if version5 else MQTTv311,
        reconnect_on_failure=False,
    )
    client.connect_timeout = CONNECT_TIMEOUT_S
    client.max_inflight_messages_set(inflight)
    if settings.username is not None:
        password = settings.password.get_secret_value() if settings.password else None
        client.username_pw_set(settings.username, password)
    if will is not None:
        client.will_set(will.topic, will.payload, qos=will.qos, retain=will.retain)
    client.on_socket_open = _send_at_once
    if uses_tls(settings.tls):
        client.tls_set_context(_context(settings.tls))
    return client


def _send_at_once(_client: Client, _data: Any, sock: Any) -> None:
    """Without this, Nagle's algorithm holds the second of two small messages back for 40 ms."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def acknowledge_at_once(sock: Any) -> None:
    """Ask the kernel not to delay its TCP acknowledgement: a broker without TCP_NODELAY (mosquitto's default)
    waits for it, 40 ms, before it sends the second of two PUBACKs. Linux forgets the wish, so wish again.
    """
    if sock is not None and hasattr(socket, "TCP_QUICKACK"):
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


class _ClosedWhenRefused(ssl.SSLSocket):
    """paho drops a socket whose handshake failed, open, for the garbage collector to find."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def _context(tls: TlsSettings) -> ssl.SSLContext:
    for file in (tls.ca_file, tls.cert_file, tls.key_file):
        if file is not None:
            # OpenSSL's own error does not name the file.
            file.open("rb").close()
    context = ssl.create_default_context(cafile=None if tls.ca_file is None else str(tls.ca_file))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _ClosedWhenRefused
    if tls.cert_file is not None:
        # An encrypted key would otherwise ask for its passphrase on the terminal.
        context.load_cert_chain(str(tls.cert_file), tls.key_file and str(tls.key_file), password="")
    if tls.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
