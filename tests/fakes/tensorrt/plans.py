"""Plans as the pretended builder would have made them, without building."""

from __future__ import annotations

from typing import Any, Optional, Sequence, Tuple

from tests.fakes.tensorrt.builder import DTYPES
from tests.fakes.tensorrt.install import Fake
from tests.fakes.tensorrt.plan import Plan, Tensor
from tests.fakes.tensorrt.runtime import session_of


def plan_of(
    fake: Fake,
    onnx: bytes,
    batches: Tuple[int, int, int] = (1, 4, 4),
    *,
    flags: Sequence[str] = (),
    dtype: Optional[str] = None,
    dla_core: Optional[int] = None,
    version: Optional[str] = None,
) -> bytes:
    """A plan of this model for this fake, or for another `version`; `dtype` replaces its tensors' types."""
    session = session_of(onnx)

    def tensor(given: Any, mode: str) -> Tensor:
        shape = [size if isinstance(size, int) else -1 for size in given.shape]
        return Tensor(given.name, mode, dtype or DTYPES[given.type], shape)

    inputs = [tensor(one, "INPUT") for one in session.get_inputs()]
    outputs = [tensor(one, "OUTPUT") for one in session.get_outputs()]
    profiles = {one.name: [[batch, *one.shape[1:]] for batch in batches] for one in inputs}
    capability = list(fake.gpu.compute_capability)
    return Plan(
        version or fake.names.version,
        capability,
        onnx,
        inputs + outputs,
        profiles,
        list(flags),
        dla_core,
    ).pack()
