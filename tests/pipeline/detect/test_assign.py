"""Which cells learn which box, on cases that can be seen at a glance."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'beffroi[train]'")

from agent.inference.cells import cells  # noqa: E402  # after the skip
from models.detect.assign import Target, assigned, corners, iou  # noqa: E402

CELLS = torch.from_numpy(cells(64, 64))
LABELS = 2


def target(*boxes: tuple[float, float, float, float], labels: tuple[int, ...] = ()) -> Target:
    sought = torch.ones(LABELS, dtype=torch.bool)
    return Target(torch.tensor(boxes).reshape(-1, 4), torch.tensor(labels, dtype=torch.long), sought)


def untrained() -> Any:
    """Every cell says: a box of one stride around my upper left corner, everything as likely as not."""
    return torch.zeros(len(CELLS), 5 + LABELS)


def test_boxes_of_cells_are_in_pixels() -> None:
    rows = torch.zeros(len(CELLS), 4)
    rows[9] = torch.tensor([0.5, 0.5, 0.0, float(torch.log(torch.tensor(2.0)))])
    assert CELLS[9].tolist() == [1, 1, 8]
    assert corners(rows, CELLS)[9].tolist() == pytest.approx([8, 4, 16, 20])


def test_an_enormous_size_stays_a_number() -> None:
    assert bool(corners(torch.full((len(CELLS), 4), 1e4), CELLS).isfinite().all())


@pytest.mark.parametrize(
    ("other", "expected"),
    [((0, 0, 4, 4), 1.0), ((2, 0, 6, 4), 1 / 3), ((4, 0, 8, 4), 0.0), ((9, 9, 9, 9), 0.0)],
)
def test_overlap(other: tuple[float, ...], expected: float) -> None:
    assert float(iou(torch.tensor([0.0, 0, 4, 4]), torch.tensor(other))) == pytest.approx(expected)


def test_nothing_is_learnt_where_nothing_is() -> None:
    rows = untrained()
    chosen, which = assigned(rows, corners(rows, CELLS), target(), CELLS)
    assert len(chosen) == len(which) == 0


def test_a_box_beyond_every_cell_is_not_learnt() -> None:
    rows = untrained()
    far = target((900.0, 900.0, 910.0, 910.0), labels=(0,))
    chosen, which = assigned(rows, corners(rows, CELLS), far, CELLS)
    assert len(chosen) == len(which) == 0


def test_a_box_is_learnt_near_its_middle_and_by_the_cell_that_says_it_best() -> None:
    rows = untrained()
    box = (20.0, 20.0, 36.0, 36.0)
    best = next(number for number, cell in enumerate(CELLS.tolist()) if cell == [3, 3, 8])
    rows[best, :4] = torch.tensor([0.5, 0.5, 0.6931, 0.6931])
    chosen, which = assigned(rows, corners(rows, CELLS), target(box, labels=(1,)), CELLS)
    assert best in chosen.tolist()
    assert set(which.tolist()) == {0}
    middles = (CELLS[chosen, :2] + 0.5) * CELLS[chosen, 2:]
    assert bool(((middles - 28).abs() < 2.5 * CELLS[chosen, 2:]).all())


def test_a_cell_learns_one_box_at_most() -> None:
    rows = untrained()
    boxes = target((10.0, 10.0, 40.0, 40.0), (12.0, 12.0, 42.0, 42.0), labels=(0, 1))
    chosen, which = assigned(rows, corners(rows, CELLS), boxes, CELLS)
    assert len(chosen) == len(set(chosen.tolist()))
    assert set(which.tolist()) <= {0, 1}
