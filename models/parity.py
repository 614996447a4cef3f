"""Whether a bundle says what the network says that it was made of."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from agent.inference.bundle import load_bundle
from agent.inference.onnxruntime import OnnxRuntimeSession


def parity(net: nn.Module, batch: npt.NDArray[np.float32], folder: Path) -> float:
    """The largest difference of an output between PyTorch and ONNX Runtime, for N x 3 x H x W."""
    with torch.no_grad():
        expected = net.eval()(torch.from_numpy(batch)).numpy()
    with closing(OnnxRuntimeSession(load_bundle(str(folder)))) as session:
        return float(np.abs(session.infer(batch) - expected).max())
