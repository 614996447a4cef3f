from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict

import pytest

from agent.engines.key import Machine, engine_key, from_json, to_json
from agent.inference.bundle import load_bundle
from tests.fakes.bundles import colour_bundle
from tests.unit.engines.shapes import FP32, KEY, XAVIER, key


@pytest.mark.parametrize(
    "changed",
    [
        {"bundle": "other"},
        {"model_sha256": "cd" * 32},
        {"precision": "fp16"},
        {"tensor": "images"},
        {"shape": (3, 64, 32)},
        {"machine": replace(XAVIER, tensorrt="8.5.3")},
        {"machine": replace(XAVIER, gpu="Orin")},
        {"machine": replace(XAVIER, compute_capability="8.7")},
        {"recipe": replace(FP32, batches=(1, 1, 4))},
        {"recipe": replace(FP32, workspace_mb=512)},
        {"recipe": replace(FP32, dla_core=0)},
        {"recipe": replace(FP32, calibration="0123")},
        {"builder": 2},
    ],
)
def test_whatever_ties_a_plan_down_makes_another_key(changed: Dict[str, Any]) -> None:
    other = key(**changed)
    assert other.digest != KEY.digest
    assert other.name != KEY.name
    assert from_json(json.loads(json.dumps(to_json(other)))) == other


def test_the_same_makes_the_same_key() -> None:
    assert key().digest == KEY.digest
    assert KEY.name == f"colours-fp32-{KEY.digest}"


def test_what_was_only_built_otherwise_may_stand_in() -> None:
    assert KEY.replaces(key(precision="fp16"))
    assert KEY.replaces(key(recipe=replace(FP32, workspace_mb=64)))
    assert not KEY.replaces(key(recipe=replace(FP32, dla_core=1)))
    assert not KEY.replaces(key(model_sha256="cd" * 32))
    assert not KEY.replaces(key(machine=Machine("10.3.0", "Xavier", "7.2")))
    assert not KEY.replaces(key(recipe=replace(FP32, batches=(1, 1, 1))))


def test_a_bundle_gives_its_hash_and_shape(tmp_path: Path) -> None:
    bundle = load_bundle(str(colour_bundle(tmp_path)))
    made = engine_key(bundle, XAVIER, FP32, "fp16")
    assert made.model_sha256 == bundle.manifest.sha256
    assert (made.precision, made.tensor, made.shape) == ("fp16", "pictures", (3, 32, 32))


@pytest.mark.parametrize("value", [{}, {"recipe": {}}, {**to_json(KEY), "machine": {"cpu": 1}}])
def test_what_is_no_key_is_refused(value: Any) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_json(value)
