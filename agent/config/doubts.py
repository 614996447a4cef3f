"""What a valid configuration hardly means: told as warnings, refused never."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator, List

from agent.config.settings import Camera, MqttSettings, Settings

_LOCAL = ("localhost", "127.0.0.1", "::1")
_READABLE_BY_ALL = 0o004


def doubts(settings: Settings, path: Path) -> List[str]:
    """One sentence each, saying what to do; `path` is the file that the settings came from."""
    found: List[str] = []
    if not any(camera.enabled for camera in settings.cameras):
        found.append("no camera is enabled: nothing is watched. Set enabled: true on one.")
    for camera in settings.cameras:
        found.extend(_about_camera(camera))
    if settings.mqtt is not None:
        found.extend(_about_broker(settings.mqtt))
    elif settings.telegram is None:
        found.append(
            "there is neither an mqtt nor a telegram section: incidents are stored and nobody is told. "
            "Add mqtt: with its host, or telegram: with the token of its bot."
        )
    found.extend(_about_file(settings, path))
    return found


def _about_camera(camera: Camera) -> Iterator[str]:
    address = camera.url.get_secret_value()
    if camera.enabled and ":" not in address and not Path(address).exists():
        yield f"camera {camera.id}: {address} is not there now. Check the path, or plug the camera in."
    for rule in camera.objects.rules or []:
        if rule.needless:
            named = ", ".join(rule.needless)
            yield f"camera {camera.id}: {named} of the rule {rule.name} means nothing here. Leave it out."


def _about_broker(mqtt: MqttSettings) -> Iterator[str]:
    tls = mqtt.tls
    encrypted = tls.enabled or tls.insecure or tls.ca_file is not None or tls.cert_file is not None
    if tls.insecure:
        yield "mqtt.tls.insecure accepts any certificate: anyone on the way can listen in. Set ca_file."
    if mqtt.password is not None and not encrypted and mqtt.host not in _LOCAL:
        yield "the broker's password travels unencrypted. Set mqtt.tls.enabled: true or mqtt.tls.ca_file."


def _about_file(settings: Settings, path: Path) -> Iterator[str]:
    """Only passwords that stand in the file itself count."""
    text = path.read_text(encoding="utf-8", errors="replace")
    secrets = [camera.url.get_secret_value() for camera in settings.cameras]
    passwords = [url for url in secrets if "@" in url]
    if settings.mqtt is not None and settings.mqtt.password is not None:
        passwords.append(settings.mqtt.password.get_secret_value())
    if path.stat().st_mode & _READABLE_BY_ALL and any(password in text for password in passwords):
        yield f"every user may read {path}, and it holds passwords. Run chmod 640, or use ${{VARIABLE}}."
