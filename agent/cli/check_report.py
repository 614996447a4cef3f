"""What `beffroi check` shows: what would run, for people and for programs, without a secret."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from rich.console import Console
from rich.table import Table

from agent.config.problems import InvalidConfigError, dotted
from agent.config.settings import Camera, MqttSettings, Settings
from agent.errors import ConfigError
from agent.sources.address import display
from alerts.mqtt.client import port, uses_tls

Row = Tuple[str, str, str]


def errors(error: ConfigError) -> List[Dict[str, Any]]:
    """The problems as JSON has them."""
    if not isinstance(error, InvalidConfigError):
        return [{"line": None, "column": None, "setting": None, "message": str(error)}]
    return [
        {
            "line": problem.mark.line,
            "column": problem.mark.column,
            "setting": dotted(problem.loc) or None,
            "message": problem.text,
        }
        for problem in error.problems
    ]


def summary(settings: Settings) -> Dict[str, Any]:
    """What would run, as JSON has it."""
    return {
        "site": settings.site,
        "device": settings.device,
        "cameras": [
            {
                "id": camera.id,
                "name": camera.name,
                "address": _address(camera),
                "enabled": camera.enabled,
                "looks_per_second": camera.looks_per_second,
                "object_rules": [rule.name for rule in camera.objects.rules or []],
                "masks": len(camera.objects.masks),
            }
            for camera in settings.cameras
        ],
        "model": settings.fire.bundle,
        "objects_model": settings.objects.bundle if watches_things(settings) else None,
        "broker": None if settings.mqtt is None else _broker(settings.mqtt),
        "folder": str(settings.store.folder),
        "metrics": None if settings.metrics.port is None else _metrics(settings),
    }


def show(settings: Settings, console: Console) -> None:
    """A table on a terminal, else a line each."""
    rows = list(_rows(settings))
    if not console.is_terminal:
        for row in rows:
            console.print("  ".join(filter(None, row)), markup=False, highlight=False, soft_wrap=True)
        return
    table = Table("part", "what", "how", title=f"{settings.site} / {settings.device}", title_justify="left")
    for part, what, how in rows:
        table.add_row(part, what, how)
    console.print(table, markup=False, highlight=False)


def _rows(settings: Settings) -> List[Row]:
    rows = [_camera_row(camera) for camera in settings.cameras]
    rows.append(("model", settings.fire.bundle, f"{settings.fire.needed} of {settings.fire.window} looks"))
    if watches_things(settings):
        rows.append(("objects", settings.objects.bundle, "where cameras have rules about things"))
    mqtt = settings.mqtt
    if mqtt is None:
        rows.append(("broker", "none", "nothing is published"))
    else:
        rows.append(("broker", _broker(mqtt), f"MQTT {mqtt.version}, from severity {mqtt.min_severity}"))
    rows.append(("store", str(settings.store.folder), f"kept {settings.store.keep_days:g} days"))
    if settings.metrics.port is not None:
        rows.append(("metrics", _metrics(settings), ""))
    return rows


def _camera_row(camera: Camera) -> Row:
    name = f" ({camera.name})" if camera.name else ""
    how = f"{camera.looks_per_second:g} looks a second" if camera.enabled else "not enabled"
    rules, masks = len(camera.objects.rules or []), len(camera.objects.masks)
    how += "".join(f", {what}: {number}" for number, what in ((rules, "rules"), (masks, "masks")) if number)
    return (f"camera {camera.id}", _address(camera) + name, how)


def watches_things(settings: Settings) -> bool:
    """Whether any camera has rules about things."""
    return any(camera.enabled and camera.objects.wanted for camera in settings.cameras)


def _address(camera: Camera) -> str:
    return display(camera.url.get_secret_value())


def _broker(mqtt: MqttSettings) -> str:
    return f"{'mqtts' if uses_tls(mqtt.tls) else 'mqtt'}://{mqtt.host}:{port(mqtt)}"


def _metrics(settings: Settings) -> str:
    return f"http://{settings.metrics.address}:{settings.metrics.port}/metrics"
