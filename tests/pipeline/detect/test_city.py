"""The head for flames and smoke beside the published network's."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'beffroi[train]'")

from models.nets.city import SCENE_SHARE, CityNano, Flames  # noqa: E402  # after the skip
from models.nets.yolox import YoloXNano, rows  # noqa: E402


def test_the_published_network_sees_what_it_saw() -> None:
    torch.manual_seed(1)
    published = YoloXNano(3)
    net = CityNano(published, Flames(2)).eval()
    picture = torch.rand(2, 3, 64, 96) * 255
    with torch.no_grad():
        both, alone = net(picture), published(picture)
    assert both.shape == (2, 8 * 12 + 4 * 6 + 2 * 3, 5 + 3 + 5 + 2)
    assert torch.equal(both[..., :8], alone)


def test_a_new_head_has_the_published_boxes_at_first_and_sees_almost_nothing_in_them() -> None:
    torch.manual_seed(1)
    net = CityNano(YoloXNano(3), Flames(2)).eval()
    with torch.no_grad():
        said = net(torch.rand(1, 3, 64, 64) * 255)
    assert torch.equal(said[..., 8:12], said[..., :4])
    assert float(said[..., 12:].max()) < 0.1


def test_what_the_whole_picture_speaks_for_counts_in_every_cell() -> None:
    torch.manual_seed(1)
    net = CityNano(YoloXNano(3), Flames(2)).eval()
    picture = torch.rand(1, 3, 64, 64) * 255
    with torch.no_grad():
        before = net(picture)
        net.flames.scene.scores.bias.copy_(torch.tensor([2.0, 0.0, -1.0]))
        after = net(picture)
        _, _, _, scene = net.looked(picture)
    moved = torch.logit(after[..., 12:]) - torch.logit(before[..., 12:])
    assert torch.allclose(moved, SCENE_SHARE * scene[:, None].expand_as(moved), atol=1e-3)
    assert torch.equal(after[..., :12], before[..., :12])
    assert scene.tolist() == [[2.0, 0.0, -1.0]]


def test_learning_leaves_the_published_network_alone_where_that_is_asked() -> None:
    net = CityNano(YoloXNano(3).requires_grad_(False), Flames(2))
    _, _, new, scene = net.looked(torch.rand(2, 3, 64, 64) * 255)
    (rows(new).sum() + scene.sum()).backward()
    assert all(weight.grad is not None for weight in net.flames.parameters())
    assert all(weight.grad is None for weight in net.published.parameters())
