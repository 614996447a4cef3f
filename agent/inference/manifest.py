"""What a bundle says of itself: `manifest.json`, read strictly."""

# pydantic evaluates annotations: on Python 3.8 they must be typing's List and Dict.

from typing import Any, Callable, Dict, List, Literal, Optional, Tuple

from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import Self

from agent.domain.fusion import BURNING, Fusion, Weights
from agent.vision.preprocess import InputSpec

Task = Literal["fire-classification", "face-detection", "face-embedding", "object-detection"]

FIRE_LABELS = ("fire", "start-fire", "no-fire")
NAME = r"^[a-z0-9][a-z0-9_-]{0,62}$"
"""What a bundle may be called."""

CITY_LABELS = (
    *("person", "bicycle", "car", "motorcycle", "bus", "truck", "train", "dog", "cat", "bird"),
    *("backpack", "handbag", "suitcase", "fire", "smoke"),
)
"""What a detector of objects may box, in the order in which a bundle has any of them."""

STRIDES = (8, 16, 32)
"""YuNet (Wu et al. 2023) and YOLOX (Ge et al. 2021) look at every cell of these many pixels."""

FACE_COLUMNS = 16
"""What it says of a cell: class and object scores, 4 numbers of the box, 10 of the landmarks."""

BOX_COLUMNS = 5
"""What YOLOX says of a cell before the scores of the labels: 4 numbers of the box, the object score."""

EMBEDDING_SIZE = 128


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Input(_Part):
    """The network's input: float32, N x 3 x height x width, N free; (pixel 0..255 - mean) / scale.

    How a picture comes to that size: `squash` without regard to its proportions, `letterbox` with them, and
    grey of the value `padding` beside it (see agent.vision.preprocess).
    """

    name: str
    width: int = Field(ge=16, le=4096)
    height: int = Field(ge=16, le=4096)
    colour: Literal["RGB", "BGR"]
    mean: Tuple[float, float, float]
    scale: Tuple[float, float, float]
    resize: Literal["squash", "letterbox"]
    padding: int = Field(0, ge=0, le=255)

    @property
    def spec(self) -> InputSpec:
        return InputSpec(
            self.width, self.height, self.colour, self.mean, self.scale, self.resize, self.padding
        )


class Output(_Part):
    """The network's output. Of a fire bundle N x labels: logits become probabilities by a softmax at
    `temperature`. `none` of any other bundle: its numbers are taken as they are. `heads` of one that boxes
    objects: how many of its labels each head has, each with box and object score; one has all if left out.

    `heat` of a fire bundle, where it has one: a second output, N x labels x rows x columns, of how much each
    place of the input speaks for each label (a class-activation map, see agent.inference.fire_heat)."""

    name: str
    activation: Literal["logits", "probabilities", "none"]
    temperature: float = Field(1.0, gt=0)
    heads: Tuple[int, ...] = ()
    heat: Optional[str] = None


class FusionWeights(_Part):
    """See agent.domain.fusion.Weights."""

    bias: float
    judged: float = Field(ge=0)
    flames: float = Field(ge=0)
    smoke: float = Field(0.0, ge=0)

    @property
    def weights(self) -> Weights:
        return Weights(self.bias, self.judged, self.flames, self.smoke)


class FusionPart(_Part):
    """How boxes of flames and smoke are fused with what a classifier says: the weights, the classifier that
    they were chosen with, and on what, when and how good that was."""

    classifier: str
    classifier_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    danger: FusionWeights
    fire: FusionWeights
    chosen: Dict[str, Any]

    @property
    def rule(self) -> Fusion:
        return Fusion(self.danger.weights, self.fire.weights)


class Manifest(_Part):
    """Schema version 1. `sha256` is that of model.onnx; `thresholds` are those the policy starts from."""

    schema_version: Literal[1]
    name: str = Field(pattern=NAME)
    version: str
    task: Task
    labels: List[str]
    precision: Literal["fp32", "fp16", "int8"]
    input: Input
    output: Output
    thresholds: Dict[str, float]
    licence: str
    parent: Optional[str] = None
    training: Dict[str, Any]
    metrics: Dict[str, Any]
    fusion: Optional[FusionPart] = None
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @property
    def heads(self) -> Tuple[int, ...]:
        """How many labels each head has that boxes objects."""
        return self.output.heads or (len(self.labels),)

    @property
    def outputs(self) -> Tuple[str, ...]:
        """The names of all outputs that the agent reads, the one that decides first."""
        return (self.output.name,) if self.output.heat is None else (self.output.name, self.output.heat)

    @property
    def row(self) -> Tuple[int, ...]:
        """The shape of the output for one picture."""
        cells = sum((self.input.width // by) * (self.input.height // by) for by in STRIDES)
        if self.task == "face-detection":
            return cells, FACE_COLUMNS
        if self.task == "object-detection":
            return cells, sum(BOX_COLUMNS + labels for labels in self.heads)
        if self.task == "face-embedding":
            return (EMBEDDING_SIZE,)
        return (len(self.labels),)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for name, value in self.thresholds.items():
            if not 0.0 < value < 1.0:
                raise ValueError(f"threshold {name} must be between 0 and 1, not {value:g}")
        _OF_TASK[self.task](self)
        boxes_fire = self.task == "object-detection" and bool(set(BURNING) & set(self.labels))
        if self.fusion is not None and not boxes_fire:
            raise ValueError(f"fusion is for a bundle that boxes {' or '.join(BURNING)}")
        return self


def _fire(manifest: Manifest) -> None:
    if sorted(manifest.labels) != sorted(FIRE_LABELS):
        raise ValueError(f"labels must be {', '.join(FIRE_LABELS)} in the order of the output")
    if manifest.output.activation == "none":
        raise ValueError("activation must be logits or probabilities")
    if manifest.output.heat == manifest.output.name:
        raise ValueError("heat must be another output than the first")


def _face_detection(manifest: Manifest) -> None:
    _plain(manifest, ["face"])
    _celled(manifest)


def _object_detection(manifest: Manifest) -> None:
    labels = [label for label in CITY_LABELS if label in manifest.labels]
    if not labels or manifest.labels != labels:
        raise ValueError(f"labels must be some of {', '.join(CITY_LABELS)}, in this order")
    if min(manifest.heads) < 1 or sum(manifest.heads) != len(labels):
        raise ValueError(f"heads must say how many of the {len(labels)} labels each has")
    _plain(manifest, labels)
    _celled(manifest)


def _face_embedding(manifest: Manifest) -> None:
    _plain(manifest, [])


def _celled(manifest: Manifest) -> None:
    if manifest.input.width % STRIDES[-1] or manifest.input.height % STRIDES[-1]:
        raise ValueError(f"width and height of the input must be multiples of {STRIDES[-1]}")
    if sorted(manifest.thresholds) != ["overlap", "score"]:
        raise ValueError("thresholds must be score and overlap")


def _plain(manifest: Manifest, labels: List[str]) -> None:
    if manifest.labels != labels:
        raise ValueError(f"labels of a {manifest.task} bundle must be {labels}")
    if manifest.output.activation != "none" or manifest.output.temperature != 1.0:
        raise ValueError(f"activation of a bundle for {manifest.task} must be none, at a temperature of 1")
    if manifest.output.heat is not None:
        raise ValueError("heat is for a bundle that judges fire")


_OF_TASK: Dict[str, Callable[[Manifest], None]] = {
    "fire-classification": _fire,
    "face-detection": _face_detection,
    "face-embedding": _face_embedding,
    "object-detection": _object_detection,
}
