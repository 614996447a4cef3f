"""The settings of TensorRT: how engines are built on a Jetson, and what runs them."""

from typing import Literal, Optional

from pydantic import Field, model_validator
from typing_extensions import Self

from agent.config.section import Section, broken_rule


class TensorRtSettings(Section):
    """How engines are built and run where `fire.backend` is or becomes TensorRT."""

    precision: Literal["fp32", "fp16", "int8"] = Field(
        "fp16",
        description="What engines compute in; a bundle that is itself fp16 or int8 is built as it is.",
    )
    dla_core: Optional[int] = Field(
        None,
        ge=0,
        le=1,
        examples=[0],
        description="The deep learning accelerator that runs engines, instead of the GPU, if given.",
    )
    workspace_mb: int = Field(
        256,
        ge=16,
        le=65_536,
        description="Memory in MiB that TensorRT may use while it builds; a Jetson shares it with all else.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.dla_core is not None and self.precision == "fp32":
            raise broken_rule(
                "precision",
                "cannot be fp32 where tensorrt.dla_core is given",
                "Write fp16 or int8, or take dla_core out: a DLA computes in nothing else",
            )
        return self
