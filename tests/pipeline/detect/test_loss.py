"""What the loss asks for, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'beffroi[train]'")

from agent.inference.cells import cells  # noqa: E402  # after the skip
from models.detect.assign import Target  # noqa: E402
from models.detect.loss import FIRST, loss, scene_loss  # noqa: E402

CELLS = torch.from_numpy(cells(64, 64))
LABELS = 2


def target(*boxes: tuple[float, float, float, float], sought: tuple[bool, bool] = (True, True)) -> Target:
    """Boxes of the first label; `sought` says which labels people looked for."""
    return Target(
        torch.tensor(boxes).reshape(-1, 4), torch.zeros(len(boxes), dtype=torch.long), torch.tensor(sought)
    )


def gradient(logits: Any, one: Target) -> Any:
    logits = logits.clone().requires_grad_(True)
    total, parts = loss(logits, [one], CELLS)
    assert float(total.detach()) == pytest.approx(sum(parts.values()), rel=1e-4)
    total.backward()
    assert logits.grad is not None
    return logits.grad[0]


def unsure() -> Any:
    return torch.zeros(1, len(CELLS), FIRST + LABELS)


def test_a_network_that_sees_what_is_there_loses_almost_nothing() -> None:
    logits = unsure()
    logits[..., 4:] = -12.0
    total, parts = loss(logits, [target()], CELLS)
    assert float(total) < 0.01
    assert set(parts) == {"object", "box", "label"}


def test_a_drawn_box_asks_for_an_object_and_its_label_in_some_cells() -> None:
    asked = gradient(unsure(), target((16.0, 16.0, 40.0, 40.0)))
    learning = asked[:, 4] < 0
    assert 0 < int(learning.sum()) < len(CELLS) / 2
    assert bool((asked[learning, FIRST + 1] > 0).all())  # the other label is not there
    assert float(asked[~learning, :4].abs().max()) == 0
    assert float(asked[~learning, FIRST:].abs().max()) == 0
    assert bool((asked[~learning, 4] > 0).all())


def test_where_it_burns_and_nobody_says_where_the_surest_cell_alone_learns() -> None:
    logits = unsure()
    logits[0, 5, FIRST] = 1.0
    logits[0, 9, FIRST + 1] = 4.0  # the surest of the other label
    asked = gradient(logits, replace(target(sought=(False, False)), burning=(0,)))
    assert asked[:, [4, FIRST]].abs().sum(1).nonzero().tolist() == [[5]]
    assert float(asked[5, 4]) < 0
    assert float(asked[5, FIRST]) < 0
    assert float(asked[:, :4].abs().max()) == 0
    assert float(asked[:, FIRST + 1].abs().max()) == 0


def test_where_flames_or_smoke_are_the_surest_of_either_learns() -> None:
    logits = unsure()
    logits[0, 5, FIRST] = 1.0
    logits[0, 9, FIRST + 1] = 4.0
    asked = gradient(logits, replace(target(sought=(False, False)), burning=(0, 1)))
    assert asked[:, [4, FIRST + 1]].abs().sum(1).nonzero().tolist() == [[9]]
    assert float(asked[:, FIRST].abs().max()) == 0


BOXED = (16.0, 16.0, 40.0, 40.0)


@pytest.mark.parametrize(
    ("one", "asked"),
    [  # of: anything burns, flames, smoke; -1: more, 1: less, 0: nobody knows
        (target(), (1, 1, 1)),
        (target(BOXED), (-1, -1, 1)),
        (target(sought=(True, False)), (0, 1, 0)),
        (target(BOXED, sought=(True, False)), (-1, -1, 0)),
        (replace(target(sought=(False, False)), burning=(0,)), (-1, -1, 0)),
        (replace(target(sought=(False, False)), burning=(0, 1)), (-1, 0, 0)),
    ],
)
def test_the_whole_picture_learns_what_is_known_of_it(one: Target, asked: tuple[int, int, int]) -> None:
    scene = torch.zeros(1, 1 + LABELS, requires_grad=True)
    scene_loss(scene, [one]).backward()
    assert scene.grad is not None
    assert scene.grad.sign().int().tolist() == [list(asked)]


def test_nothing_known_of_any_picture_is_no_loss() -> None:
    assert float(scene_loss(torch.ones(1, 1 + LABELS), [target(sought=(False, False))])) == 0


def test_what_nobody_looked_for_is_left_alone() -> None:
    logits = unsure()
    logits[0, 5, [4, FIRST + 1]] = 5.0
    sought, unsought = gradient(logits, target()), gradient(logits, target(sought=(True, False)))
    assert float(sought[5, 4]) > 0
    assert float(unsought[5, 4]) == 0  # may be what nobody looked for
    assert float(unsought[6, 4]) > 0
    boxed = (16.0, 16.0, 40.0, 40.0)
    sought, unsought = (
        gradient(unsure(), target(boxed)),
        gradient(unsure(), target(boxed, sought=(True, False))),
    )
    assert float(sought[:, FIRST + 1].abs().max()) > 0
    assert float(unsought[:, FIRST + 1].abs().max()) == 0
    assert float(unsought[:, FIRST].abs().max()) > 0
