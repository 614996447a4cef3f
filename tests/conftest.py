"""What holds for the whole suite."""

from __future__ import annotations

import logging
import sys
from typing import Generator, Iterator

import pytest
import structlog
from hypothesis import settings

from tests.fakes.telegram import TOKEN

# A timing is never a test: a busy machine must not fail one.
settings.register_profile("beffroi", deadline=None)
settings.load_profile("beffroi")

_SECRET = TOKEN.split(":")[1]


def pytest_configure(config: pytest.Config) -> None:
    if sys.version_info < (3, 9):
        # The last anyio for Python 3.8 leaves a socket to the garbage collector where connect_tcp
        # is cancelled at the moment that it succeeds; later ones close it.
        config.addinivalue_line(
            "filterwarnings",
            "ignore:Exception ignored in. <function _SelectorTransport.__del__"
            ":pytest.PytestUnraisableExceptionWarning",
        )


@pytest.fixture(autouse=True)
def unveiled() -> Iterator[None]:
    """Every test logs as if it were the first: no level and no filter of an earlier one hides a secret."""
    structlog.reset_defaults()
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.filters.clear()
        logger.setLevel(logging.NOTSET)
    logging.getLogger("sqlalchemy").setLevel(logging.WARNING)  # else every statement
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, None]:
    """A test fails where what it printed or logged, at any level, holds the token of the bot."""
    outcome = yield
    report = outcome.get_result()
    for name, text in report.sections:
        if _SECRET in text and report.outcome != "failed":
            report.outcome = "failed"
            report.longrepr = f"{name} holds the bot's token:\n" + "\n".join(
                line for line in text.splitlines() if _SECRET in line
            )
