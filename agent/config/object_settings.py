"""The settings of objects: what boxes them, where in a picture they matter, and the rules about them."""

# pydantic evaluates annotations: on Python 3.8 they must be typing's List and Optional.

from typing import List, Literal, Optional, Tuple

from pydantic import Field, model_validator
from typing_extensions import Self

from agent.config.object_rule_settings import ObjectRule
from agent.config.polygons import Line, Points, Polygon, corners
from agent.config.section import Section, Slug, broken_rule


class ObjectZone(Section):
    """A part of a camera's picture."""

    name: Slug = Field(description="Names the zone in rules and events.", examples=["yard"])
    polygon: Polygon = Field(
        description="Its corners, each `x,y` as shares of the picture's width and height.",
        examples=["0.1,0.4 0.9,0.4 0.9,0.95 0.1,0.95"],
    )
    kind: Literal["include", "exclude", "mask"] = Field(
        "include",
        description=(
            "`include`: rules can name it. `exclude`: what stands in it is hidden from every rule. "
            "`mask`: it is blacked out in every picture that is stored, sent or shown, and only fire is "
            "looked for in it."
        ),
    )


class ObjectLine(Section):
    """A line that things cross."""

    name: Slug = Field(description="Names the line in rules, events and counters.", examples=["gate"])
    points: Line = Field(
        description=(
            "Its two ends, `x,y` each. Looking from the first to the second, what crosses from left to right "
            "goes `in`, from right to left `out`."
        ),
        examples=["0.1,0.6 0.9,0.6"],
    )


class CameraObjectSettings(Section):
    """What things on one camera mean; without rules nothing is looked for."""

    looks_per_second: float = Field(
        5.0,
        gt=0,
        le=30,
        description="How often the pictures are searched for things, where there are rules. As often as the "
        "camera is looked at for fire, or less, costs nothing more where no zone hides anything from either.",
    )
    gate: Literal["motion", "off"] = Field(
        "motion",
        description=(
            "`motion`: a picture in which nothing moved is not searched, what was found last is taken to be "
            "still there. `off`: every picture is searched. Fire is looked for in every picture, whatever "
            "this says."
        ),
    )
    still_look_every_s: float = Field(
        3.0,
        gt=0,
        le=60,
        description=(
            "With `gate: motion`: a picture so many seconds after the last search is searched, whatever it "
            "shows."
        ),
    )
    zones: Optional[List[ObjectZone]] = Field(
        None, description="Parts of the picture; `beffroi zones` draws them.", examples=["name: yard"]
    )
    lines: Optional[List[ObjectLine]] = Field(
        None, description="Lines that things cross.", examples=["name: gate"]
    )
    rules: Optional[List[ObjectRule]] = Field(
        None,
        description="What is told of things; without rules nothing is looked for.",
        examples=["name: yard-at-night"],
    )

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        for at, entries in (("zones", self.zones), ("lines", self.lines), ("rules", self.rules)):
            names = [entry.name for entry in entries or []]
            if len(set(names)) != len(names):
                raise broken_rule(at, "have names that repeat", f"Give each of the {at} a name of its own")
        return self

    @model_validator(mode="after")
    def _rules_name_what_is_there(self) -> Self:
        zones = {zone.name for zone in self.zones or [] if zone.kind == "include"}
        lines = {line.name for line in self.lines or []}
        for rule in self.rules or []:
            if rule.zone is not None and rule.zone not in zones:
                raise broken_rule(
                    "rules",
                    f"name the zone {rule.zone}, which is no include zone of the camera",
                    f"Write one of {', '.join(sorted(zones)) or 'the zones, once there are any'}",
                )
            if rule.line is not None and rule.line not in lines:
                raise broken_rule(
                    "rules",
                    f"name the line {rule.line}, which the camera does not have",
                    f"Write one of {', '.join(sorted(lines)) or 'the lines, once there are any'}",
                )
        return self

    @property
    def wanted(self) -> bool:
        """Whether things are looked for on this camera at all."""
        return bool(self.rules)

    @property
    def masks(self) -> Tuple[Points, ...]:
        """The polygons that are blacked out in what is stored, sent or shown."""
        return tuple(corners(zone.polygon) for zone in self.zones or [] if zone.kind == "mask")


class ObjectsSettings(Section):
    """What boxes people, vehicles and other things."""

    bundle: str = Field(
        "city-nano",
        min_length=1,
        description="What finds things, flames and smoke: an installed model, or a folder.",
    )
    backend: Literal["auto", "onnxruntime", "tensorrt"] = Field(
        "auto", description="What runs it; as `fire.backend`."
    )
    threads: Optional[int] = Field(
        None, ge=1, le=64, examples=[1], description="Processor threads for it; one if left out."
    )
