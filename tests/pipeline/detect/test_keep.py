"""What a network must go on saying of things."""

from __future__ import annotations

import copy
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'beffroi[train]'")

from models.detect.keep import keep  # noqa: E402  # after the skip
from models.nets.yolox import YoloXNano, columns  # noqa: E402

PARTS = {"kept objects", "kept boxes", "kept labels", "kept maps"}


def taught() -> list[Any]:
    """Columns of two levels for three labels: something in the middle of the first, nothing elsewhere."""
    levels = [torch.zeros(2, 8, side, side) for side in (4, 2)]
    for level in levels:
        level[:, 4:] = -12.0
    levels[0][:, [4, 6], 2, 2] = 4.0
    return levels


def maps() -> Any:
    return tuple(torch.ones(2, 6, side, side) for side in (4, 2, 1))


def lost(column: int, by: float, cell: int) -> dict[str, float]:
    """The parts of the loss where the network says something else of a cell of the first level."""
    said = taught()
    said[0][0, column, cell, cell] += by
    _, parts = keep(said, maps(), taught(), maps())
    return parts


def test_who_says_what_was_taught_loses_nothing() -> None:
    loss, parts = keep(taught(), maps(), taught(), maps())
    assert set(parts) == PARTS
    assert float(loss) == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize(("column", "part"), [(0, "kept boxes"), (4, "kept objects"), (6, "kept labels")])
def test_what_is_said_otherwise_is_lost_by_its_part(column: int, part: str) -> None:
    parts = lost(column, -3.0, 2)
    assert parts[part] > 0.1
    assert all(abs(parts[other]) < 1e-4 for other in PARTS - {part})


def test_boxes_and_labels_count_where_the_teacher_sees_something() -> None:
    assert lost(0, -3.0, 1)["kept boxes"] < 1e-3 * lost(0, -3.0, 2)["kept boxes"]
    assert lost(6, 3.0, 1)["kept labels"] < 1e-3 * lost(6, -3.0, 2)["kept labels"]
    assert lost(4, 12.0, 1)["kept objects"] > 0.1  # but nothing may be seen where it sees nothing


def test_the_maps_stay_what_they_are_whatever_their_scale() -> None:
    moved = tuple(one + 0.1 for one in maps())
    loss, parts = keep(taught(), moved, taught(), maps())
    assert parts["kept maps"] == pytest.approx(float(loss), abs=1e-4)
    large = tuple(10 * one for one in maps()), tuple(10 * one for one in moved)
    _, scaled = keep(taught(), large[1], taught(), large[0])
    assert scaled["kept maps"] == pytest.approx(parts["kept maps"], rel=1e-3)


def test_it_teaches_the_network_and_not_the_teacher() -> None:
    said, teacher = [one.requires_grad_() for one in taught()], taught()
    seen = tuple(one.requires_grad_() for one in maps())
    with torch.no_grad():
        said[0][:, 4:] += 1
    loss, _ = keep(said, seen, teacher, tuple(2 * one for one in maps()))
    loss.backward()
    assert all(one.grad is not None and float(one.grad.abs().sum()) > 0 for one in (*said[:1], *seen))


def test_who_strayed_comes_back() -> None:
    torch.manual_seed(3)
    teacher = YoloXNano(3).train()
    student = copy.deepcopy(teacher)
    with torch.no_grad():
        for weight in student.heads.parameters():
            weight.add_(0.05 * torch.randn_like(weight))
    optimiser = torch.optim.Adam(student.heads.parameters(), 2e-3)
    pictures = torch.rand(2, 3, 64, 64) * 255
    losses = []
    for _ in range(25):
        (_, seen), (_, neck) = teacher.levels(pictures), student.levels(pictures)
        loss, _ = keep(columns(student.heads, neck), neck, columns(teacher.heads, seen), seen)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.3 * losses[0]
