"""The settings of one camera."""

from typing import ClassVar, Literal, Optional

from pydantic import Field, SecretStr, model_validator
from pydantic.functional_validators import AfterValidator
from pydantic_core import PydanticCustomError
from typing_extensions import Annotated, Self

from agent.config import addresses
from agent.config.face_settings import CameraFaceSettings
from agent.config.fire_settings import CameraFireSettings
from agent.config.object_settings import CameraObjectSettings
from agent.config.section import DAY_S, RULE, Says, Section, Slug, broken_rule


def _possible(url: SecretStr) -> SecretStr:
    objection = addresses.objection(url.get_secret_value())
    if objection is not None:
        raise PydanticCustomError(
            RULE,
            "{problem}. {remedy}",
            {"problem": objection, "remedy": f"Write {addresses.POSSIBLE}"},
        )
    return url


CameraUrl = Annotated[SecretStr, AfterValidator(_possible), Says(addresses.POSSIBLE)]


class Location(Section):
    """Where a camera stands (WGS 84)."""

    latitude: float = Field(ge=-90, le=90, description="Degrees north.", examples=[50.8466])
    longitude: float = Field(ge=-180, le=180, description="Degrees east.", examples=[4.3528])


class BlindSettings(Section):
    """When a camera without new pictures (stalled, frozen, black, covered) is called blind."""

    blind_after_s: float = Field(
        10.0, gt=0, le=DAY_S, description="A camera without a new usable picture for this long is blind."
    )
    incident_after_s: float = Field(
        20.0, ge=0, le=DAY_S, description="A camera that stays blind for this much longer is an incident."
    )
    recover_after_s: float = Field(
        2.0,
        ge=0,
        le=DAY_S,
        description="Good pictures must last this long before the camera is online again.",
    )


class Camera(Section):
    """One camera."""

    shorthand: ClassVar[Optional[str]] = "url"

    id: Slug = Field(
        "camera-1",
        description="Names the camera in topics and records; camera-1, camera-2, ... by position if omitted.",
        examples=["market-square"],
    )
    url: CameraUrl = Field(
        description=(
            "Where the pictures come from: a camera, a film or pictures to replay, or a synthetic scene. "
            "Secret, since it may hold a password."
        ),
        examples=["rtsp://camera.example/stream1"],
    )
    name: Optional[str] = Field(
        None,
        min_length=1,
        max_length=200,
        description="What people call the camera.",
        examples=["Market square, north"],
    )
    location: Optional[Location] = Field(None, description="Where the camera stands (WGS 84).")
    enabled: bool = Field(True, description="A camera that is not enabled is listed but not watched.")
    transport: Literal["tcp", "udp"] = Field("tcp", description="How an RTSP stream travels.")
    decoder: Literal["auto", "pyav", "gstreamer"] = Field(
        "auto",
        description=(
            "What takes the pictures in. `gstreamer` is the Jetson's way, for rtsp, usb and csi addresses; "
            "`pyav` is FFmpeg, for all but csi. `auto` is gstreamer where the Jetson's own decoder is there, "
            "else pyav."
        ),
    )
    open_timeout_s: float = Field(
        10.0, gt=0, le=3600, description="How long connecting may take before it is tried again."
    )
    read_timeout_s: float = Field(
        5.0, gt=0, le=3600, description="How long an open stream may give nothing before it is opened again."
    )
    looks_per_second: float = Field(5.0, gt=0, le=120, description="How often the pictures are looked at.")
    blind: BlindSettings = Field(
        BlindSettings(),
        description="When the camera counts as blind: no new picture, or a frozen, black or covered one.",
    )
    fire: CameraFireSettings = Field(
        CameraFireSettings(), description="Where on it fire belongs and is not looked for."
    )
    faces: CameraFaceSettings = Field(
        CameraFaceSettings(), description="Whether people are recognised on it, and what is told of them."
    )
    objects: CameraObjectSettings = Field(
        CameraObjectSettings(), description="Zones, lines and the rules about things on it."
    )

    @model_validator(mode="after")
    def _decoder_reads_it(self) -> Self:
        address = self.url.get_secret_value()
        if self.decoder == "gstreamer" and not addresses.is_read_by_gstreamer(address):
            raise broken_rule(
                "decoder", "cannot be gstreamer for this url", "Write auto, or an rtsp, usb or csi address"
            )
        if self.decoder == "pyav" and addresses.is_csi(address):
            raise broken_rule("decoder", "cannot be pyav for a csi address", "Write auto or gstreamer")
        return self
