"""What a bundle says of itself: `manifest.json`, read strictly."""

# pydantic evaluates annotations: on Python 3.8 they must be typing's List and Dict.

from typing import Any, Dict, List, Literal, Optional, Tuple

from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import Self

FIRE_LABELS = ("fire", "start-fire", "no-fire")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Input(_Part):
    """The network's input: float32, N x 3 x height x width, N free; (pixel 0..255 - mean) / scale."""

    name: str
    width: int = Field(ge=16, le=4096)
    height: int = Field(ge=16, le=4096)
    colour: Literal["RGB", "BGR"]
    mean: Tuple[float, float, float]
    scale: Tuple[float, float, float]
    resize: Literal["squash"]


class Output(_Part):
    """The network's output: N x labels; logits become probabilities by a softmax at `temperature`."""

    name: str
    activation: Literal["logits", "probabilities"]
    temperature: float = Field(1.0, gt=0)


class Manifest(_Part):
    """Schema version 1. `sha256` is that of model.onnx; `thresholds` are those the policy starts from."""

    schema_version: Literal[1]
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    version: str
    task: Literal["fire-classification"]
    labels: List[str]
    precision: Literal["fp32", "fp16", "int8"]
    input: Input
    output: Output
    thresholds: Dict[str, float]
    licence: str
    parent: Optional[str] = None
    training: Dict[str, Any]
    metrics: Dict[str, Any]
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if sorted(self.labels) != sorted(FIRE_LABELS):
            raise ValueError(f"labels must be {', '.join(FIRE_LABELS)} in the order of the output")
        for name, value in self.thresholds.items():
            if not 0.0 < value < 1.0:
                raise ValueError(f"threshold {name} must be between 0 and 1, not {value:g}")
        return self
