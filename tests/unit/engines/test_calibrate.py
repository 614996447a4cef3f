from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agent.engines import calibrate
from agent.engines.build import build_plan
from agent.errors import EngineError
from agent.inference.bundle import Bundle
from tests.fakes.tensorrt import fake_tensorrt
from tests.unit.engines.ordering import calibration
from tests.unit.engines.shapes import FP32
from tests.unit.engines.test_build import opened

INT8 = replace(FP32, precision="int8", dla_core=0)


@pytest.mark.parametrize("number", [0, calibrate.LEAST - 1])
def test_too_few_pictures_are_refused_with_where_to_put_them(tmp_path: Path, number: int) -> None:
    calibration(tmp_path, number)
    with pytest.raises(EngineError, match=rf"calibration holds {number}, put 32 or more there"):
        calibrate.calibration_pictures(tmp_path)


def test_the_digest_is_of_the_pictures(tmp_path: Path) -> None:
    calibration(tmp_path)
    pictures = calibrate.calibration_pictures(tmp_path)
    before = calibrate.digest(pictures)
    assert before == calibrate.digest(calibrate.calibration_pictures(tmp_path))
    pictures[0].write_bytes(pictures[1].read_bytes())
    assert calibrate.digest(pictures) != before


def test_batches_are_full_and_what_cannot_be_read_is_left_out(tmp_path: Path, bundle: Bundle) -> None:
    calibration(tmp_path, 33)
    pictures = calibrate.calibration_pictures(tmp_path)
    pictures[0].write_bytes(b"no picture")
    shown = list(calibrate.batches(bundle, pictures, 5))
    assert [batch.shape for batch in shown] == [(5, 3, 32, 32)] * 6
    assert np.isclose(shown[0][0], 1 / 255).all()


@pytest.mark.parametrize("version", ["8.5.2", "10.3", "10.13"])
def test_the_builder_is_shown_the_pictures_once(version: str, tmp_path: Path, bundle: Bundle) -> None:
    calibration(tmp_path, 34)
    cache = tmp_path / "ranges" / "cache"
    with fake_tensorrt(version) as fake:
        fake.cuda.init()
        for _ in range(2):
            shown = calibrate.batches(bundle, calibrate.calibration_pictures(tmp_path), 4)
            with calibrate.calibrator(fake.trt, fake.cuda, shown, 4, cache) as calibrator:
                plan = opened(build_plan(fake.trt, bundle, INT8, calibrator=calibrator).data)
            del calibrator
            assert plan.calibration == "ranges of 32 pictures"
        assert fake.gate.calls.count("memcpy_htod") == 8
        assert cache.read_bytes() == b"ranges of 32 pictures"
        fake.assert_clean()
