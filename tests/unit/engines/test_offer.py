"""Which engine may look now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.engines.machine import find_toolkit
from agent.engines.offer import DeviceEngines
from agent.engines.order import key_of, order
from agent.engines.shelf import Shelf
from agent.errors import EngineError
from agent.inference.bundle import Bundle
from agent.inference.engines import Engine
from tests.fakes.tensorrt import Fake
from tests.unit.engines.ordering import settings
from tests.unit.engines.shapes import AT, GOOD


def test_the_one_of_the_present_key_or_none(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    wanted = settings(tmp_path, bundle)
    engines = DeviceEngines(wanted, find_toolkit)
    assert engines.plan(bundle) is None
    key = key_of(bundle, order(wanted).recipe, find_toolkit())
    Shelf(tmp_path).put(key, b"plan", GOOD, AT, 60.0)
    assert engines.plan(bundle) == Engine(b"plan", "fp32", key.name)


def test_until_it_is_built_an_older_one_looks(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    wanted = settings(tmp_path, bundle)
    key = key_of(bundle, order(wanted).recipe, find_toolkit())
    older = replace(key, recipe=replace(key.recipe, workspace_mb=64))
    Shelf(tmp_path).put(older, b"older", GOOD, AT, 60.0)
    found = DeviceEngines(wanted, find_toolkit).plan(bundle)
    assert found is not None
    assert (found.plan, found.key) == (b"older", older.name)


def test_an_update_of_tensorrt_leaves_none(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    wanted = settings(tmp_path, bundle)
    key = key_of(bundle, order(wanted).recipe, find_toolkit())
    before = replace(key, machine=replace(key.machine, tensorrt="8.4.1"))
    Shelf(tmp_path).put(before, b"before", GOOD, AT, 60.0)
    assert DeviceEngines(wanted, find_toolkit).plan(bundle) is None


def test_where_there_can_be_none_it_says_so(tmp_path: Path, bundle: Bundle) -> None:
    def find_none() -> None:
        raise EngineError("no GPU")

    with pytest.raises(EngineError, match="no GPU"):
        DeviceEngines(settings(tmp_path, bundle), find_none).plan(bundle)  # type: ignore[arg-type]
