"""TensorRT in the shape of each version, and a bundle with an engine for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from agent.inference.bundle import Bundle, load_bundle
from agent.inference.engines import Engine
from agent.inference.tensorrt.modules import Modules
from agent.inference.tensorrt.session import TensorRtSession
from tests.fakes.bundles import colour_bundle
from tests.fakes.tensorrt import VERSIONS, Fake, fake_tensorrt
from tests.fakes.tensorrt.plans import plan_of

Open = Callable[..., TensorRtSession]


@pytest.fixture(params=VERSIONS)
def fake(request: pytest.FixtureRequest) -> Iterator[Fake]:
    """One pretended installation; at the end all that was made must have been freed, and freed rightly."""
    with fake_tensorrt(request.param) as installed:
        yield installed
        installed.assert_clean()


@pytest.fixture
def colours(tmp_path: Path) -> Bundle:
    return load_bundle(str(colour_bundle(tmp_path / "colours")))


@pytest.fixture
def opened(fake: Fake, colours: Bundle) -> Iterator[Open]:
    """Opens sessions of `colours` and closes them; the arguments are those of `plan_of` and the session."""
    sessions = []

    def open_session(limit_s: float = 20.0, dla_core: Any = None, **plan: Any) -> TensorRtSession:
        data = plan_of(fake, colours.model.read_bytes(), **plan)
        engine = Engine(data, "fp32", "colours-fp32")
        session = TensorRtSession(Modules(fake.trt, fake.cuda), colours, engine, dla_core, limit_s)
        sessions.append(session)
        return session

    yield open_session
    for session in sessions:
        session.close()
