"""What holds for the whole suite."""

from __future__ import annotations

import logging
from typing import Generator, Iterator

import pytest
import structlog
from hypothesis import settings

from tests.fakes.telegram import TOKEN

# A timing is never a test: a busy machine must not fail one.
settings.register_profile("beffroi", deadline=None)
settings.load_profile("beffroi")

_SECRET = TOKEN.split(":")[1]


_LEFT_OPEN = (
    # Sockets left to the garbage collector: by the last anyio for Python 3.8 where a connect is cancelled as
    # it succeeds, and by aiohttp where the fake Telegram ends as it accepts one.
    "ignore:Exception ignored in. <function _Selector:pytest.PytestUnraisableExceptionWarning",
    "ignore:Exception ignored in. <socket.socket fd=.*'127.0.0.1':pytest.PytestUnraisableExceptionWarning",
)


def pytest_configure(config: pytest.Config) -> None:
    for each in _LEFT_OPEN:
        config.addinivalue_line("filterwarnings", each)


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
