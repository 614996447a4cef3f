"""What the loss asks for, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'beffroi[train]'")

from agent.inference.cells import cells  # noqa: E402  # after the skip
from models.detect.assign import Target  # noqa: E402
from models.detect.loss import FIRST, loss  # noqa: E402

CELLS = torch.from_numpy(cells(64, 64))
OLD, LABELS = 1, 3  # an old label, then two new ones


def target(*boxes: tuple[float, float, float, float], sought: tuple[bool, bool] = (True, True)) -> Target:
    """Boxes of the first new label; `sought` says which new labels people looked for."""
    return Target(
        torch.tensor(boxes).reshape(-1, 4),
        torch.full((len(boxes),), OLD),
        torch.tensor([False, *sought]),
        torch.tensor([False, not sought[0], not sought[1]]),
    )


def silent(columns: int) -> Any:
    """A picture in which a teacher sees nothing."""
    return torch.zeros(1, len(CELLS), columns)


def gradient(logits: Any, taught: Any, one: Target) -> Any:
    logits = logits.clone().requires_grad_(True)
    total, parts = loss(logits, taught, [one], CELLS)
    assert float(total.detach()) == pytest.approx(sum(parts.values()), rel=1e-4)
    total.backward()
    assert logits.grad is not None
    return logits.grad[0]


def test_a_network_that_sees_what_is_there_loses_almost_nothing() -> None:
    logits = torch.zeros(1, len(CELLS), FIRST + LABELS)
    logits[..., 4:] = -12.0
    total, parts = loss(logits, silent(FIRST + OLD), [target()], CELLS)
    assert float(total) < 0.01
    assert set(parts) == {"object", "box", "label", "taught box", "taught label"}


def test_a_drawn_box_asks_for_an_object_and_its_label_in_some_cells() -> None:
    asked = gradient(
        torch.zeros(1, len(CELLS), FIRST + LABELS), silent(FIRST + OLD), target((16.0, 16.0, 40.0, 40.0))
    )
    learning = asked[:, 4] < 0
    assert 0 < int(learning.sum()) < len(CELLS) / 2
    assert bool((asked[learning, FIRST] > 0).all())  # the old label is not there
    assert bool((asked[learning, FIRST + 2] > 0).all())  # nor is the other new one
    assert float(asked[~learning, :4].abs().max()) == 0


def test_what_the_parent_sees_is_kept() -> None:
    taught = silent(FIRST + OLD)
    taught[0, 5, 4:] = 0.9
    asked = gradient(torch.zeros(1, len(CELLS), FIRST + LABELS), taught, target())
    assert float(asked[5, 4]) < 0
    assert float(asked[5, FIRST]) < 0
    assert bool((asked[5, FIRST + OLD :] > 0).all())
    assert float(asked[6, FIRST:].abs().max()) == 0


def test_a_label_that_nobody_looked_for_is_left_alone() -> None:
    logits = torch.zeros(1, len(CELLS), FIRST + LABELS)
    logits[0, 5, [4, FIRST + 2]] = 5.0
    taught = silent(FIRST + OLD)
    taught[0, 7, 4:] = 0.9
    sought = gradient(logits, taught, target())
    unsought = gradient(logits, taught, target(sought=(True, False)))
    assert float(sought[5, 4]) > 0
    assert float(unsought[5, 4]) == 0  # may be what nobody looked for
    assert float(unsought[6, 4]) > 0
    assert float(sought[7, FIRST + 2]) > 0
    assert float(unsought[7, FIRST + 2]) == 0
    assert float(unsought[7, FIRST + 1]) > 0
