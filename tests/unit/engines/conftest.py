"""The pretended TensorRT, once for each API that the agent must live with."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Iterator

import pytest

from agent.engines import parity_fire
from agent.inference.bundle import Bundle, load_bundle
from tests.fakes.bundles import colour_bundle
from tests.fakes.tensorrt import VERSIONS, Fake, fake_tensorrt

_RENDERED = lru_cache(maxsize=None)(parity_fire.rendered)


@pytest.fixture(params=VERSIONS)
def fake(request: Any) -> Iterator[Fake]:
    with fake_tensorrt(request.param) as installed:
        yield installed


@pytest.fixture(autouse=True)
def rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pictures of the parity check are the same every time, and slow to draw."""
    monkeypatch.setattr(parity_fire, "rendered", _RENDERED)


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return load_bundle(str(colour_bundle(tmp_path / "bundle")))
