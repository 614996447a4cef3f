"""A network of a few thousand weights, so that tests run every verb in seconds."""

from __future__ import annotations

from torch import nn


def tiny(classes: int, *, pretrained: bool) -> nn.Module:
    """Three strided convolutions and a linear layer; there is nothing pretrained to load."""
    del pretrained
    layers: list[nn.Module] = []
    for inputs, outputs in ((3, 8), (8, 16), (16, 32)):
        layers += [
            nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, classes))
