"""The settings of faces: whose are looked for, on which camera, and what becomes of the rest."""

# pydantic evaluates annotations: on Python 3.8 they must be typing's List and Optional.

from typing import List, Literal, Optional

from pydantic import Field, SecretStr, model_validator
from pydantic.functional_validators import AfterValidator
from pydantic_core import PydanticCustomError
from typing_extensions import Annotated, Self

from agent.config.face_key import key_bytes
from agent.config.polygons import Polygon
from agent.config.section import DAY_S, RULE, Says, Section, Slug, broken_rule

_NAMES = r"^[^,\s](?:[^,]*[^,\s])?(?:\s*,\s*[^,\s](?:[^,]*[^,\s])?)*$"

FacePolicy = Literal["off", "watch", "authorised"]

People = Annotated[
    str, Field(pattern=r"^\d{1,9}(\s*,\s*\d{1,9})*$"), Says("numbers of people with commas between them")
]
Roles = Annotated[str, Field(pattern=_NAMES), Says("names of roles with commas between them")]


def _key(value: SecretStr) -> SecretStr:
    if key_bytes(value.get_secret_value()) is None:
        raise PydanticCustomError(
            RULE,
            "{problem}. {remedy}",
            {"problem": "is no key", "remedy": "Make one with `beffroi people key`"},
        )
    return value


Key = Annotated[SecretStr, AfterValidator(_key), Says("32 bytes in base64 or hexadecimal")]


class FaceZone(Section):
    """A part of the picture with a rule of its own; the first zone that holds the middle of a face counts."""

    name: Slug = Field(description="Names the zone in events.", examples=["door"])
    polygon: Polygon = Field(
        description="Its corners, each `x,y` as shares of the picture's width and height.",
        examples=["0.1,0.2 0.6,0.2 0.6,0.9 0.1,0.9"],
    )
    policy: FacePolicy = Field("authorised", description="What a face in it means; as for the camera.")


class DoorSettings(Section):
    """When somebody counts as authenticated, as a door needs it."""

    frames: int = Field(5, ge=2, le=100, description="So many looks must agree on the person.")
    within_s: float = Field(3.0, gt=0, le=60, description="They must lie within this long.")
    liveness: bool = Field(
        True,
        description="Refuse a face that moves like a flat picture; docs/authentication.md has its limits.",
    )
    again_after_s: float = Field(
        10.0, gt=0, le=DAY_S, description="The same person is not told again for this long."
    )


class CameraFaceSettings(Section):
    """What a face on one camera means."""

    policy: FacePolicy = Field(
        "off",
        description=(
            "`watch`: an enrolled person is told as an event. `authorised`: anybody who is not enrolled, or "
            "not among `people` and `roles`, opens an incident. `off`: nobody is looked for."
        ),
    )
    looks_per_second: float = Field(
        2.0, gt=0, le=30, description="How often the pictures are searched for faces."
    )
    people: Optional[People] = Field(
        None,
        description="Whom the policy is about, by number (`beffroi people list`); everybody if left out.",
        examples=["1, 4"],
    )
    roles: Optional[Roles] = Field(
        None,
        description="Whom the policy is about, by the roles they were enrolled with; everybody if left out.",
        examples=["staff, guard"],
    )
    zones: Optional[List[FaceZone]] = Field(
        None,
        description="Parts of the picture with another policy than the rest of it.",
        examples=["name: door"],
    )
    door: Optional[DoorSettings] = Field(
        None, description="Tell who stands at a door, once they are sure to be there; off if left out."
    )

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [zone.name for zone in self.zones or []]
        if len(set(names)) != len(names):
            raise broken_rule("zones", "have names that repeat", "Give each zone a name of its own")
        return self

    @model_validator(mode="after")
    def _door_is_quick_enough(self) -> Self:
        if self.door is not None and self.door.frames > self.looks_per_second * self.door.within_s:
            raise broken_rule(
                "looks_per_second",
                f"must give the {self.door.frames} looks of door.frames within {self.door.within_s:g} s",
                f"Write {self.door.frames / self.door.within_s:.3g} or more",
            )
        return self

    @property
    def wanted(self) -> bool:
        """Whether faces are looked for on this camera at all."""
        policies = [self.policy, *(zone.policy for zone in self.zones or [])]
        return self.door is not None or any(one != "off" for one in policies)


class FacesSettings(Section):
    """Recognition of people who agreed to it, and the privacy of everybody else."""

    key: Optional[Key] = Field(
        None,
        description=(
            "The key that encrypts names and faces in the database (`beffroi people key` makes one); without "
            "it nobody is enrolled or recognised."
        ),
        examples=["file:faces.key"],
    )
    detector: str = Field(
        "yunet", min_length=1, description="What finds faces: an installed model, or a folder."
    )
    look_in: Literal["picture", "people"] = Field(
        "picture",
        description=(
            "Where faces are looked for on cameras: in the whole `picture`, or closely where the model of "
            "`objects.bundle` sees `people`, six at most."
        ),
    )
    embedder: str = Field(
        "dlib-face", min_length=1, description="What tells whose they are: an installed model, or a folder."
    )
    backend: Literal["auto", "onnxruntime", "tensorrt"] = Field(
        "auto", description="What runs both; as `fire.backend`."
    )
    threads: Optional[int] = Field(
        None, ge=1, le=64, examples=[1], description="Processor threads for both; one if left out."
    )
    max_distance: float = Field(
        0.47,
        gt=0,
        le=1,
        description="A face further than this from everybody is nobody's; docs/faces.md has figures.",
    )
    margin: float = Field(
        0.08, ge=0, le=1, description="It must be nearer to its person than to anybody else by this much."
    )
    pictures: int = Field(3, ge=1, le=20, description="So many good pictures make an enrolment.")
    incident_days: float = Field(
        30.0, gt=0, le=36_500, description="How long ended incidents of kind face are kept."
    )
    blur: bool = Field(
        True,
        description="Make the faces of people who are not enrolled unrecognisable in what leaves the device.",
    )
