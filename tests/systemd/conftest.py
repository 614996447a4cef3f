"""Fixtures of the tests that boot a machine; in pytest-xdist one worker runs them all."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator, List, Mapping

import pytest

from tests.systemd import beffroi
from tests.systemd.nspawn import Machine, NoCellError, obstacle


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "xdist_group(name): which tests pytest-xdist keeps in one worker")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: List[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("nspawn"))


def _machine(binds: Mapping[str, Path]) -> Iterator[Machine]:
    reason = obstacle()
    if reason is not None:
        pytest.skip(reason)
    try:
        machine = Machine(binds)
    except NoCellError as error:
        pytest.skip(str(error))
    with machine:
        yield machine


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """One for all tests that leave it as they found it."""
    yield from _machine(beffroi.BINDS)


@pytest.fixture(scope="session")
def tower(machine: Machine) -> Machine:
    """The machine, with Beffroi installed but not configured."""
    if machine.run("which", "mosquitto", "mosquitto_sub", check=False).returncode != 0:
        pytest.skip("mosquitto is not installed (apt-get install mosquitto mosquitto-clients)")
    beffroi.install(machine)
    return machine


@pytest.fixture
def clean_machine() -> Iterator[Machine]:
    """One of the test's own, on which nothing of Beffroi was ever installed."""
    yield from _machine({})
