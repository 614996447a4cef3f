"""Fixtures of the tests that run the whole agent."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

import pytest

from tests.fakes.broker import Broker, broker
from tests.fakes.bundles import colour_bundle
from tests.fakes.detector import GREEN, GREY, RED
from tests.fakes.films import write_scenes

__all__ = ["broker"]


@pytest.fixture
def lasting_broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker that keeps sessions and messages on disk, running for one test."""
    one = Broker(tmp_path / "mosquitto", persistent=True)
    one.start()
    yield one
    one.stop()


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that tells red from grey-white from the rest."""
    return colour_bundle(tmp_path_factory.mktemp("bundle") / "colours")


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="session")
def calm(films: Path) -> Path:
    """A minute in which nothing happens."""
    return write_scenes(films / "calm.mp4", [(GREEN, 60)])


@pytest.fixture(scope="session")
def smoking(films: Path) -> Path:
    """A minute of smoke."""
    return write_scenes(films / "smoking.mp4", [(GREY, 60)])


@pytest.fixture(scope="session")
def burning(films: Path) -> Path:
    """A minute of fire."""
    return write_scenes(films / "burning.mp4", [(RED, 60)])
