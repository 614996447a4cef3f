"""MQTT over TLS against a real broker, with certificates made for the test."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Iterator

import pytest
from paho.mqtt.client import Client

from agent.clock import SystemClock
from agent.errors import TransientDeliveryError
from alerts.city.envelope import Origin
from alerts.mqtt.probe import probe
from alerts.sinks.mqtt import MqttSink
from tests.fakes.broker import Broker
from tests.fakes.certificates import Authority
from tests.fakes.changes import delivery, opened
from tests.fakes.city import check
from tests.fakes.listener import Listener
from tests.fakes.running import running


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def broker_with(authority: Authority, folder: Path, extra: str, host: str = "127.0.0.1") -> Broker:
    certificate, key = authority.issue("broker")
    lines = [f"cafile {authority.certificate}", f"certfile {certificate}", f"keyfile {key}", extra]
    return Broker(folder, "\n".join(["allow_anonymous true", *lines]), host=host)


@pytest.fixture
def encrypted(authority: Authority, tmp_path: Path) -> Iterator[Broker]:
    broker = broker_with(authority, tmp_path / "encrypted", "")
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def mutual(authority: Authority, tmp_path: Path) -> Iterator[Broker]:
    """Asks every client for a certificate of the authority."""
    broker = broker_with(authority, tmp_path / "mutual", "require_certificate true")
    broker.start()
    yield broker
    broker.stop()


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_a_change_travels_encrypted(encrypted: Broker, authority: Authority, version: str) -> None:
    ca = authority.certificate
    settings = encrypted.settings(version=version, tls={"ca_file": ca})
    sink = MqttSink(settings, Origin("town", "tower"), {}, SystemClock())

    def trust(client: Client) -> None:
        client.tls_set_context(ssl.create_default_context(cafile=str(ca)))

    with Listener(encrypted.port, version=version, setup=trust) as listener, running(sink.run):
        listener.wait_topic("beffroi/v1/town/tower/availability", b"online")
        sink.deliver(delivery(opened()))
        check("incident-event", listener.wait_topic("beffroi/v1/town/tower/incident/start-fire/opened").json)


def test_an_unknown_authority_is_refused(encrypted: Broker, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "stranger", "stranger")
    settings = encrypted.settings(tls={"ca_file": stranger.certificate})
    with pytest.raises(TransientDeliveryError, match=r"is not trusted.*mqtt\.tls\.ca_file"):
        probe(settings, SystemClock())


def test_a_certificate_for_another_host_is_refused(authority: Authority, tmp_path: Path) -> None:
    broker = broker_with(authority, tmp_path / "elsewhere", "", host="127.0.0.2")
    broker.start()
    try:
        with pytest.raises(TransientDeliveryError, match="is not trusted"):
            probe(broker.settings(tls={"ca_file": authority.certificate}), SystemClock())
    finally:
        broker.stop()


def test_insecure_takes_any_certificate(encrypted: Broker) -> None:
    probe(encrypted.settings(tls={"insecure": True}), SystemClock())


def test_a_client_certificate_opens(mutual: Broker, authority: Authority) -> None:
    certificate, key = authority.issue("agent")
    tls = {"ca_file": authority.certificate, "cert_file": certificate, "key_file": key}
    probe(mutual.settings(tls=tls), SystemClock())


def test_without_a_client_certificate_nobody_is_let_in(mutual: Broker, authority: Authority) -> None:
    with pytest.raises(TransientDeliveryError):
        probe(mutual.settings(tls={"ca_file": authority.certificate}), SystemClock())


def test_a_missing_file_is_named(encrypted: Broker, tmp_path: Path) -> None:
    with pytest.raises(TransientDeliveryError, match=r"mqtt\.tls.*nowhere\.pem"):
        probe(encrypted.settings(tls={"ca_file": tmp_path / "nowhere.pem"}), SystemClock())


def test_a_plain_port_is_not_mistaken_for_tls(broker: Broker) -> None:
    with pytest.raises(TransientDeliveryError, match=r"TLS with|hung up|cannot connect"):
        probe(broker.settings(tls={"enabled": True}), SystemClock())
