"""The settings of the fire detector, of what it takes to call it a fire, and of where it belongs."""

# pydantic evaluates annotations: on Python 3.8 they must be typing's List and Optional.

from typing import List, Literal, Optional, Tuple

from pydantic import Field, model_validator
from typing_extensions import Self

from agent.config.polygons import Points, Polygon, corners
from agent.config.section import DAY_S, Section, Slug, broken_rule


class FireZone(Section):
    """A part of a camera's picture in which fire belongs."""

    name: Slug = Field(description="Names the zone on the picture of `beffroi zones`.", examples=["oven"])
    polygon: Polygon = Field(
        description="Its corners, each `x,y` as shares of the picture's width and height.",
        examples=["0.4,0.1 0.5,0.1 0.5,0.35 0.4,0.35"],
    )


class CameraFireSettings(Section):
    """Where on one camera fire is no news."""

    ignore: Optional[List[FireZone]] = Field(
        None,
        description=(
            "Chimneys, ovens, flare stacks: what burns within such a zone never alarms, what leaves it does. "
            "`beffroi zones` draws them."
        ),
        examples=["name: oven"],
    )

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [zone.name for zone in self.ignore or []]
        if len(set(names)) != len(names):
            raise broken_rule("ignore", "has names that repeat", "Give each zone a name of its own")
        return self

    @property
    def ignored(self) -> Tuple[Points, ...]:
        """The polygons in which fire is not looked for."""
        return tuple(corners(zone.polygon) for zone in self.ignore or [])


class FireSettings(Section):
    """Which model looks for fire, and when its looks become an incident."""

    bundle: str = Field(
        "fire-lite0", min_length=1, description="The model: the name of one that is installed, or a folder."
    )
    backend: Literal["auto", "onnxruntime", "tensorrt"] = Field(
        "auto",
        description="What runs the model; auto takes TensorRT where it is installed, a GPU answers and the "
        "engine is built, else ONNX Runtime.",
    )
    threads: Optional[int] = Field(
        None,
        ge=1,
        le=64,
        examples=[2],
        description="Processor threads for the model; as many as suit the machine if left out.",
    )
    boxes: bool = Field(
        True,
        description="Look for flames and smoke with `objects.bundle` as well, where that model boxes them.",
    )
    closer: bool = Field(
        True,
        description="Judge a part of the picture by itself where it might burn: small fires are seen sooner.",
    )
    open_above: Optional[float] = Field(
        None,
        gt=0,
        lt=1,
        description="A look at or above this probability of fire or start-fire speaks for an incident; "
        "the model's own threshold if left out.",
        examples=[0.6],
    )
    close_below: Optional[float] = Field(
        None,
        gt=0,
        lt=1,
        description="The smoothed probability must stay below this for an incident to end; "
        "the model's own threshold if left out.",
        examples=[0.35],
    )
    fire_above: Optional[float] = Field(
        None,
        gt=0,
        lt=1,
        description="A look at or above this probability of fire speaks for fire, not start-fire; "
        "the model's own threshold if left out.",
        examples=[0.5],
    )
    needed: int = Field(5, ge=1, le=1000, description="So many of the last `window` looks must agree.")
    window: int = Field(8, ge=1, le=1000, description="How many of the last looks are counted.")
    half_life_s: float = Field(
        0.6, gt=0, le=3600, description="Smoothing: after this long an old look counts half."
    )
    resolve_after_s: float = Field(
        20.0, gt=0, le=DAY_S, description="An incident ends after being quiet for this long."
    )
    renotify_s: float = Field(
        60.0, gt=0, le=DAY_S, description="While it burns, it is told again this often."
    )
    cooldown_s: float = Field(
        60.0,
        ge=0,
        le=DAY_S,
        description="No new start-fire incident on the camera for this long after one; a fire never waits.",
    )
    dismissed_again_after_s: float = Field(
        600.0,
        gt=0,
        le=3600,
        description="What a person dismissed is told again if it still burns after this long.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.needed > self.window:
            raise broken_rule(
                "needed",
                f"must not be above fire.window, which is {self.window}",
                f"Write {self.window} or less, or raise fire.window",
            )
        if (
            self.open_above is not None
            and self.close_below is not None
            and self.close_below >= self.open_above
        ):
            raise broken_rule(
                "close_below",
                f"must be below fire.open_above, which is {self.open_above:g}",
                "Lower it, or leave both out to use the model's own thresholds",
            )
        return self
