"""The one way to a plan, on each version's own names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import List, Optional, Tuple

import pytest

from agent.engines.build import build_plan
from agent.engines.progress import BUILDING
from agent.errors import EngineError
from agent.inference.bundle import Bundle
from tests.fakes.tensorrt import Fake, fake_tensorrt
from tests.fakes.tensorrt.builder import Complaint
from tests.fakes.tensorrt.plan import Plan, unpack
from tests.unit.engines.shapes import FP32


def opened(data: bytes) -> Plan:
    plan, why = unpack(data)
    assert plan is not None, why
    return plan


def has_flag(fake: Fake, flag: str) -> bool:
    return hasattr(fake.trt.BuilderFlag, flag)


def test_a_plan_holds_the_model_for_one_to_four_pictures(fake: Fake, bundle: Bundle) -> None:
    plan = opened(build_plan(fake.trt, bundle, FP32).data)
    assert plan.onnx == bundle.model.read_bytes()
    assert plan.profiles == {"pictures": [[1, 3, 32, 32], [4, 3, 32, 32], [4, 3, 32, 32]]}
    assert (plan.flags, plan.dla_core, plan.calibration) == ([], None, "")
    fake.assert_clean()


def test_half_precision_is_asked_for_where_it_can_be(fake: Fake, bundle: Bundle) -> None:
    plan = opened(build_plan(fake.trt, bundle, replace(FP32, precision="fp16")).data)
    assert plan.flags == (["FP16"] if has_flag(fake, "FP16") else [])


def test_the_workspace_has_its_limit(fake: Fake, bundle: Bundle) -> None:
    build_plan(fake.trt, bundle, FP32)
    assert "IBuilderConfig.set_memory_pool_limit" in fake.gate.calls


def test_progress_is_told_as_far_as_the_version_tells(fake: Fake, bundle: Bundle) -> None:
    told: List[Tuple[str, Optional[float]]] = []
    build_plan(fake.trt, bundle, FP32, progress=lambda stage, share: told.append((stage, share)))
    assert told[:2] == [("reading the model", None), (BUILDING, None)]
    shares = [share for _, share in told[2:]]
    assert shares == ([0.25, 0.5, 0.5, 1.0] if hasattr(fake.trt, "IProgressMonitor") else [])


def test_what_was_measured_is_used_again(fake: Fake, bundle: Bundle) -> None:
    measured = build_plan(fake.trt, bundle, FP32).timing_cache
    assert measured
    assert build_plan(fake.trt, bundle, FP32, timing_cache=measured).timing_cache == measured
    assert fake.gate.calls.count("IBuilderConfig.set_timing_cache") == 2


@pytest.mark.parametrize("stale", [b"damaged", b"timing of another device"])
def test_a_timing_cache_that_is_no_good_is_left_out(fake: Fake, bundle: Bundle, stale: bytes) -> None:
    assert build_plan(fake.trt, bundle, FP32, timing_cache=stale).data


def test_where_nothing_was_measured_nothing_is_kept(fake: Fake, bundle: Bundle) -> None:
    fake.gate.fail("IBuilderConfig.get_timing_cache", returns=None)
    assert build_plan(fake.trt, bundle, FP32).timing_cache == b""


def test_every_refusal_of_the_parser_is_told_with_its_layer(fake: Fake, bundle: Bundle) -> None:
    fake.refusals = [
        Complaint("Non-zero zero point is not supported", 0, "pooling", "GlobalAveragePool"),
        Complaint("No importer registered for op: Gemm", 2, "", ""),
    ]
    with pytest.raises(EngineError) as caught:
        build_plan(fake.trt, bundle, FP32)
    head, first, second = str(caught.value).splitlines()
    assert head == f"{bundle.model}: TensorRT {fake.names.version} refuses it:"
    named = "pooled" if fake.names.version.startswith("8.") else "pooling"
    assert first.startswith(f"layer {named} (GlobalAveragePool): Non-zero")
    assert "symmetric int8" in first
    assert second.startswith("layer logits (Gemm): No importer")
    del caught
    fake.assert_clean()


def test_a_build_that_fails_says_what_the_builder_logged(fake: Fake, bundle: Bundle) -> None:
    fake.gate.fail("Builder.build_serialized_network", returns=None)
    with pytest.raises(EngineError, match="cannot build it: it gives no reason"):
        build_plan(fake.trt, bundle, FP32)


@pytest.mark.parametrize("version", ["8.5.2", "10.3"])
def test_want_of_memory_has_a_remedy_of_its_own(version: str, bundle: Bundle) -> None:
    with fake_tensorrt(version) as fake:
        build = fake.trt.Builder.build_serialized_network

        def short(self: object, network: object, config: object) -> None:
            self._logger.log(fake.trt.ILogger.ERROR, "Tactic needs memory")  # type: ignore[attr-defined]
            self._logger.log(fake.trt.ILogger.WARNING, "hardly worth it")  # type: ignore[attr-defined]

        type.__setattr__(fake.trt.Builder, "build_serialized_network", short)
        with pytest.raises(EngineError, match=r"it: Tactic needs memory. Remedy: close other programs"):
            build_plan(fake.trt, bundle, FP32)
        type.__setattr__(fake.trt.Builder, "build_serialized_network", build)


def test_batches_that_contradict_each_other_are_refused(fake: Fake, bundle: Bundle) -> None:
    with pytest.raises(EngineError, match=r"refuses batches of \(4, 2, 1\)"):
        build_plan(fake.trt, bundle, replace(FP32, batches=(4, 2, 1)))


@pytest.mark.parametrize("version", ["8.5.2", "10.3", "10.13"])
def test_a_dla_falls_back_to_the_gpu_for_what_it_cannot(version: str, bundle: Bundle) -> None:
    with fake_tensorrt(version) as fake:
        plan = opened(build_plan(fake.trt, bundle, replace(FP32, precision="fp16", dla_core=1)).data)
        assert (plan.dla_core, plan.flags) == (1, ["FP16", "GPU_FALLBACK"])
        fake.dla_cores = 0
        with pytest.raises(EngineError, match="there is no DLA core 1: this device has 0"):
            build_plan(fake.trt, bundle, replace(FP32, precision="fp16", dla_core=1))


def test_a_calibrator_whose_profile_is_refused_is_an_error(bundle: Bundle, tmp_path: Path) -> None:
    with fake_tensorrt("8.5.2") as fake:
        fake.gate.fail("IBuilderConfig.set_calibration_profile", returns=False)
        with pytest.raises(EngineError, match="refuses the calibration profile"):
            build_plan(fake.trt, bundle, replace(FP32, precision="int8"), calibrator=object())
