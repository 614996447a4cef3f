"""Which sinks there are: one line each, imported only where configured."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Callable, Dict, List, Optional

from agent.config.camera_settings import Camera
from agent.config.object_policy import object_policy_settings
from agent.config.settings import Settings
from agent.controls import Controls
from agent.domain.incident import NO_CAMERA, Severity
from agent.domain.policy.object_rules import ObjectRule
from agent.enrolments import Enrolments
from agent.ports import Clock, Sink, StatusBoard
from agent.store.database import Database
from agent.store.line_counts import StoredLineCounts
from agent.telemetry import Telemetry


@dataclass(frozen=True)
class Channel:
    """A configured sink, and what it takes to run it.

    `run` is its thread's work until the event is set; `floor` is the least severity that it wants to hear;
    `board` is set where it also shows the device's state; `people` is true where silences and disarmed
    cameras hold it back.
    """

    sink: Sink
    run: Callable[[threading.Event], None]
    floor: Severity
    board: Optional[StatusBoard] = None
    people: bool = False


@dataclass(frozen=True)
class Surroundings:
    """What a sink may need of the agent that it speaks for."""

    settings: Settings
    clock: Clock
    database: Database
    controls: Controls
    telemetry: Telemetry
    enrolments: Optional[Enrolments] = None


def _mqtt(around: Surroundings) -> Optional[Channel]:
    settings = around.settings
    if settings.mqtt is None:
        return None
    from alerts.city.envelope import CameraInfo, Origin
    from alerts.sinks.mqtt import MqttSink

    cameras = {}
    for camera in settings.cameras:
        where = camera.location
        latitude, longitude = (where.latitude, where.longitude) if where else (None, None)
        cameras[camera.id] = CameraInfo(camera.name, latitude, longitude, _rules(camera))
    since = StoredLineCounts(around.database, around.clock).since()
    origin = Origin(settings.site, settings.device)
    sink = MqttSink(settings.mqtt, origin, cameras, around.clock, counted_since=since)
    return Channel(sink, sink.run, Severity(settings.mqtt.min_severity), sink)


def _telegram(around: Surroundings) -> Optional[Channel]:
    settings = around.settings
    if settings.telegram is None:
        return None
    from alerts.bot.assembly import bot_of
    from alerts.sinks.telegram import TelegramSink
    from alerts.telegram.gateway import Gateway
    from alerts.telegram.wording import Place

    places = {NO_CAMERA: Place(settings.device)}
    for camera in settings.cameras:
        where, name = camera.location, camera.name or camera.id
        latitude, longitude = (where.latitude, where.longitude) if where else (None, None)
        places[camera.id] = Place(name, latitude, longitude, _rules(camera))
    gateway = Gateway(settings.telegram, around.clock, around.telemetry)
    bot = bot_of(
        settings.telegram,
        settings.store.folder,
        places,
        around.clock,
        around.database,
        around.controls,
        gateway.veil,
        around.enrolments,
    )
    gateway.listen(bot.on_start, bot.on_update)
    sink = TelegramSink(
        settings.telegram,
        gateway,
        around.database,
        settings.store.folder,
        places,
        around.clock,
        around.telemetry,
    )

    def run(stop: threading.Event) -> None:
        sink.run(stop)
        # Not where it fails: then it is begun anew, with the same bot.
        bot.close()

    return Channel(sink, run, Severity(settings.telegram.min_severity), people=True)


def _rules(camera: Camera) -> Dict[str, ObjectRule]:
    return {rule.name: rule for rule in object_policy_settings(camera.objects).rules}


SINKS: Dict[str, Callable[[Surroundings], Optional[Channel]]] = {"mqtt": _mqtt, "telegram": _telegram}


def channels(around: Surroundings) -> List[Channel]:
    """The sinks that are configured, not yet connected."""
    built = (make(around) for make in SINKS.values())
    return [channel for channel in built if channel is not None]
