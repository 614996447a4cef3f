"""The networks a run can train: name -> how to build it. One line each, imported only when asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Dict, Tuple

NETS: Dict[str, Tuple[str, str]] = {
    "efficientnet-lite0": ("models.nets.efficientnet_lite", "efficientnet_lite0"),
    "efficientnet-lite2": ("models.nets.efficientnet_lite", "efficientnet_lite2"),
    "fire-nano": ("models.nets.nano", "fire_nano"),
    "tiny": ("models.nets.tiny", "tiny"),
}


def build(name: str, classes: int, *, pretrained: bool):  # type: ignore[no-untyped-def]  # torch is optional
    """A torch module: N x 3 x S x S float32 RGB in -1..1 -> N x classes logits; KeyError if unknown."""
    module, factory = NETS[name]
    return getattr(import_module(module), factory)(classes, pretrained=pretrained)


def folded(name: str) -> bool:
    """Whether its pretrained weights came with batch norms folded in: those it has know no picture yet."""
    return name == "fire-nano"
