"""A bundle as teacher of another network.

The method is that of Hinton, Vinyals & Dean 2015, "Distilling the Knowledge in a Neural Network".
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from agent.inference.bundle import load_bundle
from agent.inference.fire import FireClassifier
from agent.inference.onnxruntime import OnnxRuntimeSession

SOFTNESS = 2.0
"""The temperature at which both are compared; Hinton et al. found 2 to 4 best for small students."""
SHARE = 0.7
"""Of the teacher's word in the loss; the rest is the label's."""


class Teacher:
    """What a bundle for fire says of the very variants that its student sees.

    Raises BundleError for a bundle that is not there or is for something else.
    """

    def __init__(self, bundle: str, threads: int) -> None:
        loaded = load_bundle(bundle, "fire-classification")
        self._classifier = FireClassifier(loaded, OnnxRuntimeSession(loaded, threads))

    def says(self, batch: Tensor) -> Tensor:
        """uint8 N x 3 x S x S RGB -> N x 3 probabilities of fire, start-fire and no-fire."""
        pictures = np.ascontiguousarray(batch.numpy()[:, ::-1].transpose(0, 2, 3, 1))
        scores = self._classifier.look(list(pictures))
        return torch.tensor([[one.fire, one.start_fire, one.no_fire] for one in scores])


def lesson(logits: Tensor, labels: Tensor, taught: Tensor, smoothing: float) -> Tensor:
    """The loss of N x 3 logits: cross-entropy with the labels, and with what the teacher says, softened."""
    by_label = nn.functional.cross_entropy(logits, labels, label_smoothing=smoothing)
    soft = torch.softmax(taught.clamp_min(1e-6).log() / SOFTNESS, 1)
    by_teacher = nn.functional.cross_entropy(logits / SOFTNESS, soft) * SOFTNESS**2
    return (1 - SHARE) * by_label + SHARE * by_teacher
