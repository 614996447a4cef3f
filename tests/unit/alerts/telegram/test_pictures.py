from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from structlog.testing import capture_logs

from agent.ports import SnapshotRef
from alerts.telegram import pictures
from alerts.telegram.pictures import Pictures, fitted
from tests.fakes.pictures import jpeg, noise_jpeg


def size(data: bytes | None) -> tuple[int, int]:
    assert data is not None
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return pixels.shape[1], pixels.shape[0]


def ref(width: int, height: int) -> SnapshotRef:
    return SnapshotRef(Path("a.jpg"), Path("c.jpg"), "ab" * 32, width, height)


def test_what_fits_is_left_alone() -> None:
    data = jpeg(640, 360)
    assert fitted(data, 640, 360) is data


@pytest.mark.parametrize(("width", "height"), [(9000, 2000), (2000, 9000), (4200, 100), (30, 4000)])
def test_what_is_too_wide_or_too_narrow_is_made_to_fit(width: int, height: int) -> None:
    wide, high = size(fitted(jpeg(width, height), width, height))
    assert wide + high <= 10_000
    assert max(wide, high) / min(wide, high) <= 20


@pytest.mark.parametrize("limit", [40_000, 9_000])
def test_what_is_too_heavy_is_recompressed_then_scaled(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_BYTES", limit)
    data = fitted(noise_jpeg(1), 256, 256)
    assert data is not None
    assert len(data) <= limit
    assert (size(data) == (256, 256)) is (limit == 40_000)


def test_a_small_one(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(1920, 1080))
    wide, high = size(Pictures(tmp_path).read(ref(1920, 1080), small=True))
    assert wide + high <= 1280
    assert abs(wide / high - 16 / 9) < 0.02


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_what_is_no_picture_is_none(small: bool, content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    assert Pictures(tmp_path).read(ref(90_000, 1), small=small) is None


def test_a_picture_that_is_gone(tmp_path: Path) -> None:
    with capture_logs() as logs:
        assert Pictures(tmp_path).read(ref(1, 1)) is None
    assert "sending the text" in logs[0]["event"]
