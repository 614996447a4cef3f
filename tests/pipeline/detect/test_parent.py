"""The network in PyTorch against the published file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'beffroi[train]'")

from models.convert.yolox import COCO  # noqa: E402  # after the skip
from models.data import DataError  # noqa: E402
from models.detect.parent import load_parent  # noqa: E402
from models.nets.yolox import YoloXNano  # noqa: E402

SOURCE = Path(__file__).parents[4] / "shared" / "weights" / "yolox_nano.onnx"
published = pytest.mark.skipif(not SOURCE.is_file(), reason=f"{SOURCE} is not here")


@published
def test_computes_what_the_published_file_does() -> None:
    picture = np.random.default_rng(1).uniform(0, 255, (1, 3, 416, 416)).astype(np.float32)
    session = onnxruntime.InferenceSession(str(SOURCE), providers=["CPUExecutionProvider"])
    (expected,) = session.run(None, {"images": picture})
    with torch.no_grad():
        found = load_parent(SOURCE)(torch.from_numpy(picture)).numpy()
    kept = [*range(5), *[5 + place for place in COCO.values()]]
    assert found.shape == (1, 3549, 18)
    assert np.abs(found - expected[..., kept]).max() <= 1e-4


def test_tells_logits_while_it_trains() -> None:
    net = YoloXNano(2)
    picture = torch.zeros(1, 3, 32, 32)
    with torch.no_grad():
        logits, probabilities = net.train()(picture), net.eval()(picture)
    assert torch.equal(logits[..., :4], probabilities[..., :4])
    assert torch.allclose(logits[..., 4:].sigmoid(), probabilities[..., 4:])


def test_refuses_another_network() -> None:
    with pytest.raises(DataError, match="not YOLOX-Nano"):
        load_parent(Path("models/bundles/yunet/model.onnx"))
