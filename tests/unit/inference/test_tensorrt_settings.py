from __future__ import annotations

import pytest
from pydantic import ValidationError

from agent.config.settings import TensorRtSettings


def test_half_precision_on_the_gpu_unless_said_otherwise() -> None:
    settings = TensorRtSettings()
    assert (settings.precision, settings.dla_core, settings.workspace_mb) == ("fp16", None, 256)


@pytest.mark.parametrize("precision", ["fp16", "int8"])
def test_a_dla_takes_what_it_computes_in(precision: str) -> None:
    assert TensorRtSettings.model_validate({"precision": precision, "dla_core": 1}).dla_core == 1


def test_a_dla_takes_no_full_precision() -> None:
    with pytest.raises(ValidationError, match=r"cannot be fp32 where tensorrt\.dla_core is given"):
        TensorRtSettings(precision="fp32", dla_core=0)
    assert TensorRtSettings(precision="fp32").dla_core is None
