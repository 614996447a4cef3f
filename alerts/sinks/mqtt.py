"""MQTT: incidents to the city, confirmed by the broker, and the device's present state on retained topics."""

from __future__ import annotations

import random
import threading
from datetime import datetime
from typing import Iterator, Mapping, Optional, Sequence

from agent.config.settings import MqttSettings
from agent.domain.camera import CameraStatus
from agent.domain.face_event import FaceEvent
from agent.domain.health import AgentStatus, Health
from agent.domain.object_event import ObjectEvent
from agent.errors import DeliveryError, PermanentDeliveryError, TransientDeliveryError
from agent.ports import Clock, Delivery, LineCounts
from alerts.city import payloads
from alerts.city.envelope import CameraInfo, Origin, face_event, incident_event, selftest_event
from alerts.city.objects import line_counts, object_event
from alerts.city.topics import Topics
from alerts.mqtt.link import Link
from alerts.mqtt.message import CLOUDEVENT, JSON, Confirmation, Message, encode

_LATE_S = 5.0
_GLANCE_S = 0.2
_PATIENCE_AT_STOP_S = 1.0


class MqttSink:
    """Implements agent.ports.Sink and StatusBoard, and alerts.batching.BatchSink; thread-safe.

    `run` keeps the connection; everything else may be called at any time.
    """

    name = "mqtt"

    def __init__(
        self,
        settings: MqttSettings,
        origin: Origin,
        cameras: Mapping[str, CameraInfo],
        clock: Clock,
        rng: Optional[random.Random] = None,
        counted_since: Optional[datetime] = None,
    ) -> None:
        """`counted_since` is when the counting of lines began; now, if left out."""
        self._origin = origin
        self._topics = Topics(origin.site, origin.device)
        self._cameras = cameras
        self._clock = clock
        self._since = counted_since or clock.now()
        self._confirm_timeout_s = settings.confirm_timeout_s
        client_id = settings.client_id or f"beffroi-{origin.site}-{origin.device}"
        self._link = Link(settings, client_id, self._topics.availability, clock, rng)

    def run(self, stop: threading.Event) -> None:
        """Hold the connection until `stop` is set; then say `offline` and leave."""
        self._link.run(stop)

    def ready(self) -> bool:
        """True while the broker lets us in."""
        return self._link.ready()

    @property
    def window(self) -> int:
        """How many deliveries may wait for their confirmation together."""
        return self._link.inflight

    def deliver(self, delivery: Delivery) -> None:
        """Publish one change; returns once the broker has acknowledged it."""
        for error in self.deliver_all([delivery], threading.Event()):
            if error is not None:
                raise error

    def deliver_all(
        self, deliveries: Sequence[Delivery], stop: threading.Event
    ) -> Iterator[Optional[DeliveryError]]:
        """Publish all at once, then yield how each ended, in order; `stop` leaves it a second at most."""
        flying = [self._send(delivery) for delivery in deliveries]
        deadline = self._clock.monotonic() + self._confirm_timeout_s
        for confirmation in flying:
            while not self._clock.wait(confirmation.settled, _GLANCE_S):
                now = self._clock.monotonic()
                if stop.is_set():
                    deadline = min(deadline, now + _PATIENCE_AT_STOP_S)
                if now >= deadline:
                    # A broker that takes messages and does not answer is not there: a new connection, and no
                    # growing pile of unanswered messages on the old one.
                    self._link.abandon()
                    confirmation.settle(
                        TransientDeliveryError(f"not acknowledged within {self._confirm_timeout_s:g} s")
                    )
            yield confirmation.error

    def camera(self, status: CameraStatus) -> None:
        """The last word on one camera."""
        self._say(self._topics.camera_status(status.camera), payloads.camera_status(status))

    def agent(self, status: AgentStatus) -> None:
        """The last word on what runs here."""
        self._say(self._topics.status, payloads.agent_status(status))

    def health(self, health: Health) -> None:
        """Told once, where there is a connection: the next one is not far."""
        self._link.publish(Message(self._topics.health, encode(payloads.health(health)), JSON, qos=0))

    def face(self, event: FaceEvent) -> None:
        """Told once, where there is a connection: a door that hears of it late must not open."""
        camera = self._cameras.get(event.camera, CameraInfo())
        told = face_event(event, self._origin, camera)
        self._link.publish(Message(self._topics.face(event.kind), encode(told), CLOUDEVENT))

    def object(self, event: ObjectEvent) -> None:
        """Told once, where there is a connection; counts and incidents are what lasts."""
        camera = self._cameras.get(event.camera, CameraInfo())
        told = object_event(event, self._origin, camera)
        self._link.publish(Message(self._topics.object(event.kind), encode(told), CLOUDEVENT))

    def counts(self, camera: str, counts: LineCounts) -> None:
        """The last word on the lines of one camera."""
        self._say(self._topics.line_counts(camera), line_counts(counts, self._since))

    def _say(self, topic: str, payload: payloads.Json) -> None:
        self._link.say(Message(topic, encode(payload), JSON, retain=True))

    def _send(self, delivery: Delivery) -> Confirmation:
        change = delivery.change
        incident = change.incident
        camera = self._cameras.get(incident.camera, CameraInfo())
        late = (self._clock.now() - delivery.recorded_at).total_seconds() > _LATE_S
        held_back_since = delivery.recorded_at if late else None
        if incident.drill:
            topic = self._topics.selftest
            event = selftest_event(change, self._origin, camera, held_back_since)
        else:
            topic = self._topics.incident(incident.kind, change.transition)
            event = incident_event(change, self._origin, camera, delivery.snapshot, held_back_since)
        try:
            payload = encode(event)
        except PermanentDeliveryError as error:
            confirmation = Confirmation(topic)
            confirmation.settle(error)
            return confirmation
        return self._link.publish(Message(topic, payload, CLOUDEVENT))
