"""The settings of the agent: validated, frozen, with defaults such that one camera URL is enough."""

# pydantic evaluates annotations: on Python 3.8 they must be typing's List and Optional.

from pathlib import Path
from typing import List, Literal, Optional

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Section(BaseModel):
    """A part of the file: unknown keys are refused, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Location(Section):
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class BlindSettings(Section):
    blind_after_s: float = Field(10.0, gt=0)
    incident_after_s: float = Field(20.0, ge=0)
    recover_after_s: float = Field(2.0, ge=0)


class Camera(Section):
    id: str = Field("camera-1", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    url: SecretStr
    """rtsp://, http(s)://, a file or folder (replay), usb:0 or /dev/video0, scene: (synthetic)."""
    name: Optional[str] = None
    location: Optional[Location] = None
    enabled: bool = True
    transport: Literal["tcp", "udp"] = "tcp"
    open_timeout_s: float = Field(10.0, gt=0)
    read_timeout_s: float = Field(5.0, gt=0)
    looks_per_second: float = Field(5.0, gt=0, le=60)
    blind: BlindSettings = BlindSettings()


class FireSettings(Section):
    bundle: str = "fire-lite0"
    backend: Literal["auto", "onnxruntime"] = "auto"
    threads: Optional[int] = Field(None, ge=1, le=64)
    open_above: Optional[float] = Field(None, gt=0, lt=1)
    close_below: Optional[float] = Field(None, gt=0, lt=1)
    fire_above: Optional[float] = Field(None, gt=0, lt=1)
    needed: int = Field(5, ge=1)
    window: int = Field(8, ge=1)
    half_life_s: float = Field(0.6, gt=0)
    resolve_after_s: float = Field(20.0, gt=0)
    renotify_s: float = Field(60.0, gt=0)
    cooldown_s: float = Field(60.0, ge=0)


class TlsSettings(Section):
    enabled: bool = False
    ca_file: Optional[Path] = None
    cert_file: Optional[Path] = None
    key_file: Optional[Path] = None
    insecure: bool = False


class MqttSettings(Section):
    host: str
    port: Optional[int] = Field(None, ge=1, le=65535)
    """8883 with TLS, else 1883."""
    version: Literal["3.1.1", "5"] = "5"
    username: Optional[str] = None
    password: Optional[SecretStr] = None
    client_id: Optional[str] = None
    keepalive_s: int = Field(30, ge=1, le=65535)
    confirm_timeout_s: float = Field(10.0, gt=0)
    tls: TlsSettings = TlsSettings()
    min_severity: Literal["informational", "low", "medium", "high", "critical"] = "informational"
    """Incidents below this severity are stored but not published."""


class StoreSettings(Section):
    folder: Path = Path("var/beffroi")
    """Holds beffroi.db and snapshots/."""
    keep_days: float = Field(90.0, gt=0)
    disk_share: float = Field(0.9, gt=0, lt=1)
    """Old pictures are deleted while the disk is fuller than this."""
    outbox_max_rows: int = Field(100_000, ge=100)
    outbox_max_bytes: int = Field(256 * 1024 * 1024, ge=1024 * 1024)
    jpeg_quality: int = Field(85, ge=30, le=100)


class MetricsSettings(Section):
    port: Optional[int] = Field(None, ge=1, le=65535)
    """Opt-in: Prometheus metrics on this port."""
    address: str = "127.0.0.1"


class JobsSettings(Section):
    heartbeat_s: float = Field(30.0, gt=0)
    retention_s: float = Field(600.0, gt=0)
    nightly_at: str = Field("03:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    """Local time of the database check and of the daily digest."""


class Settings(Section):
    site: str = Field("site", pattern=r"^[^/+#\s]{1,64}$")
    device: str = Field("beffroi", pattern=r"^[^/+#\s]{1,64}$")
    cameras: List[Camera] = Field(min_length=1)
    fire: FireSettings = FireSettings()
    mqtt: Optional[MqttSettings] = None
    store: StoreSettings = StoreSettings()
    metrics: MetricsSettings = MetricsSettings()
    jobs: JobsSettings = JobsSettings()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
