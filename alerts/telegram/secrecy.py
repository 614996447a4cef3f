"""Keeps the token out of logs, errors and tracebacks, whoever writes them."""

from __future__ import annotations

import logging
import traceback
from typing import Iterable, List

from agent.config.telegram_settings import TelegramSettings

_LOGGERS = (
    "asyncio",
    "httpcore",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.proxy",
    "httpcore.socks",
    "httpx",
    "telegram",
    "telegram.Bot",
    "telegram.ext.ExtBot",
    "telegram.request.BaseRequest",
    "telegram.request.HTTPXRequest",
)
_QUIET = ("httpcore", "httpx", "telegram")


class Veil(logging.Filter):
    """Strikes secrets out of texts; as a logging filter, out of the records of the HTTP libraries."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._secrets: List[str] = sorted((s for s in secrets if len(s) >= 4), key=len, reverse=True)

    def strike(self, text: str) -> str:
        """The text with *** for every secret."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def story(self, error: BaseException) -> str:
        """The traceback of an error, secrets struck out."""
        return self.strike("".join(traceback.format_exception(type(error), error, error.__traceback__)))

    def filter(self, record: logging.LogRecord) -> bool:
        """Never drops a record; what it says is made up here, for arguments can be any object."""
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = self.story(record.exc_info[1]).rstrip("\n")
            record.exc_info = None
        record.msg, record.args = self.strike(record.getMessage()), None
        return True

    def draw(self) -> None:
        """Hang it before the loggers of the libraries, which otherwise log every URL, the token in it."""
        for name in _LOGGERS:
            logger = logging.getLogger(name)
            for old in [one for one in logger.filters if isinstance(one, Veil)]:
                logger.removeFilter(old)
            logger.addFilter(self)
        for name in _QUIET:
            logging.getLogger(name).setLevel(logging.WARNING)


def veil_of(settings: TelegramSettings) -> Veil:
    """The veil over the token, and over the proxy's address, which may hold a password."""
    secrets = [settings.token.get_secret_value()]
    if settings.proxy is not None:
        secrets.append(settings.proxy.get_secret_value())
    return Veil(secrets)
