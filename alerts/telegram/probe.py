"""Tries the bot's token once, for `beffroi check --connect`; nothing is sent to anybody."""

from __future__ import annotations

import asyncio

from telegram.error import InvalidToken, TelegramError

from agent.config.telegram_settings import TelegramSettings
from agent.errors import TransientDeliveryError
from alerts.telegram.secrecy import veil_of
from alerts.telegram.session import Session
from alerts.telegram.trouble import TokenRefusedError, verdict


def probe(settings: TelegramSettings) -> str:
    """The bot's own name, such as `@town_beffroi_bot`.

    Raises TransientDeliveryError saying what is wrong and what to check. An agent that runs is not disturbed.
    """
    return asyncio.run(_ask(settings))


async def _ask(settings: TelegramSettings) -> str:
    veil = veil_of(settings)
    veil.draw()
    session = Session(settings)
    try:
        async with session.bot:
            return f"@{session.bot.username}"
    except InvalidToken:
        raise TokenRefusedError from None
    except TelegramError as error:
        raise TransientDeliveryError(
            f"{verdict(error, veil.strike)}; check the network, telegram.api_url and telegram.proxy"
        ) from None
    finally:
        await session.close()
