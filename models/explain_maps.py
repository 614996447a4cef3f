"""Attribution maps: how much each place of a picture speaks for a class, by the methods that captum has.

A map is S x S float32, as large as the picture; positive speaks for the class, negative against it. Only the
order and the sign of its values mean anything: methods differ in unit.
"""

from __future__ import annotations

from typing import Any, Callable, Dict

import numpy as np
import numpy.typing as npt
import torch
from captum.attr import IntegratedGradients, LayerAttribution, LayerGradCam, Occlusion
from torch import Tensor, nn

from models.data import DataError

Map = npt.NDArray[np.float32]
Method = Callable[[nn.Module, Tensor, int], Map]
"""A network, a picture (1 x 3 x S x S, normalised), the index of a class -> the map."""

CELLS = 16
"""Cells of a map along each side, where maps are compared: S is a multiple of 32, so that all are alike."""

_STEPS = 20  # of the integral; Sundararajan et al. found 20 to 300 to do
_AT_ONCE = 8  # pictures in a batch: what one takes is 100 MB of gradients


def grad_cam(net: nn.Module, picture: Tensor, label: int) -> Map:
    """Grad-CAM (Selvaraju et al. 2017) of the last convolutional map, which is what the global pool takes.

    With nothing but a linear layer after the pool it is the class activation map of Zhou et al. (2016). It is
    not rectified, so that what speaks against the class has an order, too. Raises DataError for a network
    without such a pool.
    """
    pools = [part for part in net.modules() if isinstance(part, nn.AdaptiveAvgPool2d)]
    if not pools:
        raise DataError("grad-cam needs a network with a global average pool: leave that method out")
    found = LayerGradCam(net, pools[-1]).attribute(picture, label, attribute_to_layer_input=True)
    return _plane(LayerAttribution.interpolate(found, picture.shape[2:], "bilinear"))


def integrated_gradients(net: nn.Module, picture: Tensor, label: int) -> Map:
    """Integrated gradients (Sundararajan et al. 2017) from mid-grey, which the normalisation makes zero."""
    method = IntegratedGradients(net)
    return _plane(method.attribute(picture, 0, label, n_steps=_STEPS, internal_batch_size=_AT_ONCE))


def occlusion(net: nn.Module, picture: Tensor, label: int) -> Map:
    """What the logit loses where a grey square of two cells covers the picture (Zeiler & Fergus 2014)."""
    cell = picture.shape[-1] // CELLS
    with torch.no_grad():
        found = Occlusion(net).attribute(
            picture, (3, 2 * cell, 2 * cell), (3, cell, cell), 0, label, perturbations_per_eval=_AT_ONCE
        )
    return _plane(found)


METHODS: Dict[str, Method] = {
    "grad-cam": grad_cam,
    "integrated-gradients": integrated_gradients,
    "occlusion": occlusion,
}


def cells(values: Map) -> npt.NDArray[np.float64]:
    """The mean of a map in each of its CELLS x CELLS cells, row by row."""
    step = values.shape[0] // CELLS
    squares = values.astype(np.float64).reshape(CELLS, step, CELLS, step)
    means: npt.NDArray[np.float64] = squares.mean((1, 3)).ravel()
    return means


def _plane(found: Any) -> Map:
    """1 x C x S x S attributions -> S x S, summed over the channels."""
    plane: Map = found.detach().sum(1)[0].numpy().astype(np.float32)
    return plane
