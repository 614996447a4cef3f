"""Where a picture burns, how much of it, and how fast that grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Sequence, Tuple

from agent.domain.box import Box
from agent.domain.detection import Detection


@dataclass(frozen=True)
class Extent:
    """What an incident covers. Of a fire `boxes` are flames and smoke, or where none are boxed the heat (see
    agent.domain.evidence); of an object its things.

    `area` is the share of the picture that flames and smoke cover together, in 0..1; None where nothing
    boxes them. `growth` is that area by what it was some seconds before (see agent.domain.policy.growth);
    None while that is not known.
    """

    boxes: Tuple[Detection, ...] = ()
    area: Optional[float] = None
    growth: Optional[float] = None


NOWHERE = Extent()
"""Where nothing says where."""


def covered(boxes: Sequence[Box]) -> float:
    """The area that the boxes cover together: what two cover counts once."""
    edges = sorted({edge for box in boxes for edge in (box.left, box.right)})
    return sum(
        (right - left) * _covered_rows([box for box in boxes if box.left <= left and right <= box.right])
        for left, right in zip(edges, edges[1:])
    )


def _covered_rows(boxes: Sequence[Box]) -> float:
    total, reached = 0.0, float("-inf")
    for box in sorted(boxes, key=lambda box: box.top):
        total += max(0.0, box.bottom - max(box.top, reached))
        reached = max(reached, box.bottom)
    return total
