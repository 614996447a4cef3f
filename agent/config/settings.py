"""The settings of the agent: validated, frozen, with defaults such that one camera URL is enough."""

# pydantic evaluates annotations: on Python 3.8 they must be typing's List and Optional.

from pathlib import Path
from typing import Any, Dict, List, Literal, Optional

from pydantic import BeforeValidator, Field, model_validator
from typing_extensions import Annotated, Self

from agent.config.camera_settings import BlindSettings, Camera, Location
from agent.config.face_settings import CameraFaceSettings, FacesSettings
from agent.config.fire_settings import FireSettings
from agent.config.mqtt_settings import MqttSettings, TlsSettings
from agent.config.object_settings import CameraObjectSettings, ObjectsSettings
from agent.config.section import DAY_S, FolderPath, HostName, Section, TimeOfDay, TopicLevel, broken_rule
from agent.config.telegram_settings import TelegramSettings
from agent.config.tensorrt_settings import TensorRtSettings

__all__ = [
    "BlindSettings",
    "Camera",
    "CameraFaceSettings",
    "CameraObjectSettings",
    "FacesSettings",
    "FireSettings",
    "JobsSettings",
    "Location",
    "MetricsSettings",
    "MqttSettings",
    "ObjectsSettings",
    "Section",
    "Settings",
    "StoreSettings",
    "TelegramSettings",
    "TensorRtSettings",
    "TlsSettings",
]


class StoreSettings(Section):
    """Where incidents and pictures are kept, and how much of them."""

    folder: FolderPath = Field(Path("var/beffroi"), description="Holds beffroi.db, snapshots/ and labelled/.")
    keep_days: float = Field(90.0, gt=0, le=36_500, description="How long ended incidents are kept.")
    disk_share: float = Field(
        0.9, gt=0, lt=1, description="Old pictures are deleted while the disk is fuller than this."
    )
    outbox_max_rows: int = Field(
        100_000, ge=100, le=100_000_000, description="Undelivered messages kept; the least severe go first."
    )
    outbox_max_bytes: int = Field(
        256 * 1024 * 1024, ge=1024 * 1024, le=2**40, description="Size of the undelivered messages kept."
    )
    jpeg_quality: int = Field(85, ge=30, le=100, description="Quality of the snapshots.")


class MetricsSettings(Section):
    """Prometheus metrics, off unless a port is given."""

    port: Optional[int] = Field(
        None, ge=1, le=65535, examples=[9464], description="Serves Prometheus metrics here; off if left out."
    )
    address: HostName = Field("127.0.0.1", description="The address to listen on.")


class JobsSettings(Section):
    """Work done by the clock."""

    heartbeat_s: float = Field(
        30.0, gt=0, le=DAY_S, description="How often the device's health is published."
    )
    retention_s: float = Field(
        600.0, gt=0, le=DAY_S, description="How often old incidents and pictures are cleared away."
    )
    nightly_at: TimeOfDay = Field(
        "03:30", description="Local time of the database check and of the daily digest."
    )


def _spelled_out(cameras: Any) -> Any:
    """A bare text is a camera's URL, and a camera without an id gets one from its position."""
    if not isinstance(cameras, list):
        return cameras
    return [_camera(entry, f"camera-{position}") for position, entry in enumerate(cameras, 1)]


def _camera(entry: Any, id: str) -> Any:
    if isinstance(entry, str):
        entry = {Camera.shorthand: entry}
    return {"id": id, **entry} if isinstance(entry, dict) else entry


def repeated_ids(ids: List[Any]) -> Dict[int, int]:
    """The positions of ids that were used before, each with the position of its first use; from 0."""
    first: Dict[Any, int] = {}
    return {
        position: first[name]
        for position, name in enumerate(ids)
        if first.setdefault(name, position) != position
    }


class Settings(Section):
    """The whole file."""

    site: TopicLevel = Field("site", description="First level of the MQTT topics: the town or the network.")
    device: TopicLevel = Field("beffroi", description="Second level of the MQTT topics: this machine.")
    cameras: Annotated[List[Camera], BeforeValidator(_spelled_out)] = Field(
        min_length=1,
        description="The cameras to watch. A bare address stands for a camera with nothing but a url.",
        examples=["rtsp://camera.example/stream1"],
    )
    fire: FireSettings = Field(
        FireSettings(), description="Which model looks for fire, and when its looks become an incident."
    )
    faces: FacesSettings = Field(
        FacesSettings(),
        description="Recognition of people who agreed to it, and the privacy of everybody else.",
    )
    objects: ObjectsSettings = Field(
        ObjectsSettings(), description="Which model boxes people, vehicles and other things for the rules."
    )
    mqtt: Optional[MqttSettings] = Field(
        None, description="The broker that incidents go to; without this section nothing is published."
    )
    telegram: Optional[TelegramSettings] = Field(
        None, description="The Telegram bot that people talk to; without this section there is none."
    )
    tensorrt: TensorRtSettings = Field(
        TensorRtSettings(), description="How engines are built and run where TensorRT runs the model."
    )
    store: StoreSettings = Field(
        StoreSettings(), description="Where incidents and pictures are kept, and how much of them."
    )
    metrics: MetricsSettings = Field(
        MetricsSettings(), description="Prometheus metrics, off unless asked for."
    )
    jobs: JobsSettings = Field(JobsSettings(), description="Work done by the clock.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least important message that is logged."
    )

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if repeated_ids([camera.id for camera in self.cameras]):
            raise broken_rule("cameras", "have ids that repeat", "Give each camera an id of its own")
        return self

    @model_validator(mode="after")
    def _faces_have_a_key(self) -> Self:
        if self.faces.key is None and any(camera.faces.wanted for camera in self.cameras):
            raise broken_rule(
                "faces",
                "needs a key, since a camera looks for faces",
                "Make one with `beffroi people key`, and write faces: {key: file:/path/of/it}",
            )
        return self
