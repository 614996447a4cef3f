"""The published YOLOX-Nano as a PyTorch network of the labels that a city watches."""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import nn

from models.convert.reading import read_onnx
from models.convert.yolox import CLASSES, COCO
from models.data import DataError
from models.nets.yolox import STEM, YoloXNano, spread


def load_parent(source: Path) -> YoloXNano:
    """YOLOX-Nano with COCO's labels of a city, in their order; its weights are those of the file `source`.

    Raises DataError where the file is another network.
    """
    net = YoloXNano(CLASSES)
    _fill(net, read_onnx(source), source)
    rows = list(COCO.values())
    with torch.no_grad():
        for head in net.heads:
            labels = nn.Conv2d(head.labels.in_channels, len(rows), 1)
            labels.weight.copy_(head.labels.weight[rows])
            labels.bias.copy_(head.labels.bias[rows])
            head.labels = labels
    return net.eval()


def _fill(net: YoloXNano, model: onnx.ModelProto, source: Path) -> None:
    """The file names few of its weights: convolutions are matched by their order, and checked by shape."""
    weights = {one.name: one for one in model.graph.initializer}
    theirs = [node for node in model.graph.node if node.op_type == "Conv"]
    ours = [part for part in net.modules() if isinstance(part, nn.Conv2d)]
    if len(theirs) != len(ours):
        raise DataError(f"{source} is not YOLOX-Nano: it has {len(theirs)} convolutions, not {len(ours)}")
    with torch.no_grad():
        for number, (part, node) in enumerate(zip(ours, theirs)):
            for mine, name in ((part.weight, node.input[1]), (part.bias, node.input[2])):
                value = torch.from_numpy(numpy_helper.to_array(weights[name]).copy())
                value = spread(value) if value.shape[1:] == STEM else value
                if mine is None or mine.shape != value.shape:
                    raise DataError(f"{source} is not YOLOX-Nano: its convolution {number} has another shape")
                mine.copy_(value)
