from __future__ import annotations

import logging

import pytest

from alerts.telegram.secrecy import Veil

TOKEN = "123456789:AbCdEfGhIjKlMnOpQrStUvWxYz"


@pytest.fixture
def veil() -> Veil:
    drawn = Veil([TOKEN, "", "abc"])
    drawn.draw()
    return drawn


def test_the_secret_is_struck_out_and_short_ones_are_no_secrets(veil: Veil) -> None:
    assert veil.strike(f"https://host/bot{TOKEN}/getMe abc") == "https://host/bot***/getMe abc"


@pytest.mark.parametrize("name", ["httpx", "httpcore.http11", "telegram.ext.ExtBot", "asyncio"])
def test_records_of_the_libraries_lose_it_too(
    name: str, veil: Veil, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger=name)
    logger = logging.getLogger(name)
    logger.debug("GET %s", f"/bot{TOKEN}")
    try:
        int(TOKEN)
    except ValueError:
        logger.exception("no luck")
    assert "GET /bot***" in caplog.text
    assert "base 10: '***'" in caplog.text
    assert TOKEN not in caplog.text


def test_drawn_twice_it_hangs_once(veil: Veil) -> None:
    veil.draw()
    hanging = [one for one in logging.getLogger("httpx").filters if isinstance(one, Veil)]
    assert hanging == [veil]


def test_the_libraries_are_quiet_unless_asked() -> None:
    Veil([TOKEN]).draw()
    assert not logging.getLogger("httpx").isEnabledFor(logging.INFO)
