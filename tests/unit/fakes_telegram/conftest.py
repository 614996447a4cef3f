"""The fake Telegram with its real client."""

from __future__ import annotations

import pytest

from alerts.telegram.secrecy import Veil
from tests.fakes.telegram import TOKEN
from tests.fakes.telegram.fixture import telegram

__all__ = ["telegram"]


@pytest.fixture(autouse=True)
def _timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else python-telegram-bot warns of its own RetryAfter, since 22.2."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture(autouse=True)
def _veiled(unveiled: None) -> None:
    """Here is no agent that keeps the token out of the logs."""
    Veil([TOKEN]).draw()
