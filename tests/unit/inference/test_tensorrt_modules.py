from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from agent.errors import InferenceError
from agent.inference.tensorrt.modules import NoTensorRtError, find_modules
from tests.fakes.tensorrt import Fake


def test_what_is_there_is_found_without_making_a_context(fake: Fake) -> None:
    modules = find_modules()
    assert modules.trt is fake.trt
    assert modules.cuda is fake.cuda
    assert modules.version == fake.trt.__version__
    assert not fake.gpu.retained


@pytest.mark.parametrize("name", ["tensorrt", "pycuda.driver"])
def test_what_is_not_installed_is_named_with_the_remedy(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(sys.modules, name, None)  # imports of it fail then
    with pytest.raises(NoTensorRtError, match=rf"{name} cannot be imported: .*--system-site-packages"):
        find_modules()


@pytest.mark.parametrize(
    ("name", "kind", "complaint"),
    [
        ("tensorrt", "ICudaEngine", r"tensorrt is too old: 8\.5 \(JetPack 5\.1\) or newer"),
        ("pycuda.driver", "Device", r"pycuda\.driver is too old: 2020\.1 or newer"),
    ],
)
def test_what_is_too_old_is_said(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, name: str, kind: str, complaint: str
) -> None:
    old: Any = SimpleNamespace(**{kind: object})
    monkeypatch.setitem(sys.modules, name, old)
    if name == "pycuda.driver":
        monkeypatch.setattr(sys.modules["pycuda"], "driver", old)
    with pytest.raises(InferenceError, match=complaint):
        find_modules()


def test_no_gpu_is_said_with_the_remedy(fake: Fake) -> None:
    fake.gpu.count = 0
    with pytest.raises(InferenceError, match=r"no GPU answers: cuInit failed: .* group `video`") as refusal:
        find_modules()
    assert not isinstance(refusal.value, NoTensorRtError)


def test_a_device_that_is_gone_is_said_too(fake: Fake) -> None:
    fake.gate.fail("Device", raises=fake.cuda.LogicError("cuDeviceGet failed: invalid device ordinal"))
    with pytest.raises(InferenceError, match="no GPU answers: cuDeviceGet failed"):
        find_modules()
