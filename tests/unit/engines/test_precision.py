"""What comes out of what is wanted, by what the bundle is, on each version."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional, Tuple

import pytest

from agent.engines.precision import Precision, settle
from agent.errors import EngineError
from agent.inference.manifest import Manifest
from tests.fakes.bundles import manifest
from tests.fakes.tensorrt import fake_tensorrt
from tests.unit.engines.shapes import FP32

TYPED, FLAGGED = "11.4", ("8.5.2", "10.3", "10.13")


def settled(version: str, of_bundle: str, wanted: str, dla_core: Optional[int] = None) -> Precision:
    described = Manifest.model_validate({**manifest(precision=of_bundle), "sha256": "0" * 64})
    with fake_tensorrt(version) as fake:
        return settle(fake.trt, described, replace(FP32, precision=wanted, dla_core=dla_core))


@pytest.mark.parametrize("version", FLAGGED)
@pytest.mark.parametrize(
    ("of_bundle", "wanted", "comes_out", "flags"),
    [
        ("fp32", "fp32", "fp32", ()),
        ("fp32", "fp16", "fp16", ("FP16",)),
        ("fp32", "int8", "int8", ("INT8", "FP16")),
        ("int8", "fp32", "int8", ("INT8",)),
        ("int8", "fp16", "int8", ("INT8", "FP16")),
        ("int8", "int8", "int8", ("INT8",)),
        ("fp16", "fp32", "fp16", ("FP16",)),
    ],
)
def test_flags_ask_for_it_where_there_are_flags(
    version: str, of_bundle: str, wanted: str, comes_out: str, flags: Tuple[str, ...]
) -> None:
    assert settled(version, of_bundle, wanted) == Precision(
        comes_out, flags, calibrate=(of_bundle, wanted) == ("fp32", "int8")
    )


@pytest.mark.parametrize(("of_bundle", "wanted"), [("fp32", "fp32"), ("int8", "fp16"), ("fp16", "fp32")])
def test_on_11_the_bundle_alone_decides(of_bundle: str, wanted: str) -> None:
    assert settled(TYPED, of_bundle, wanted) == Precision(of_bundle)


def test_on_11_half_precision_is_not_pretended() -> None:
    found = settled(TYPED, "fp32", "fp16")
    assert (found.comes_out, found.flags) == ("fp32", ())
    assert "name a bundle whose manifest says fp16" in found.note


def test_on_11_nothing_is_calibrated() -> None:
    with pytest.raises(EngineError, match=r"for int8 name a quantised \(Q/DQ\) bundle"):
        settled(TYPED, "fp32", "int8")


@pytest.mark.parametrize("version", [*FLAGGED, TYPED])
def test_a_dla_takes_no_quantised_bundle(version: str) -> None:
    with pytest.raises(EngineError, match=r"a DLA takes no quantised \(Q/DQ\) bundle"):
        settled(version, "int8", "int8", dla_core=0)


@pytest.mark.parametrize(("version", "wanted"), [("8.5.2", "fp32"), (TYPED, "fp16"), (TYPED, "fp32")])
def test_a_dla_computes_in_nothing_larger_than_half(version: str, wanted: str) -> None:
    with pytest.raises(EngineError, match="a DLA computes in fp16 or int8 only"):
        settled(version, "fp32", wanted, dla_core=0)


@pytest.mark.parametrize("wanted", ["fp16", "int8"])
def test_it_does_in_half_or_in_bytes(wanted: str) -> None:
    assert settled("8.5.2", "fp32", wanted, dla_core=0).comes_out == wanted
