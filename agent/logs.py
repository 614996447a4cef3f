"""Logging: readable lines on a terminal, one JSON object a line elsewhere; secrets are struck out of both."""

from __future__ import annotations

import logging
import re
import sys
from typing import IO, Any, Iterable, List, MutableMapping, Optional

import structlog

_USERINFO = re.compile(r"(?<=://)[^/\s@]+:[^/\s@]*@")
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}

Event = MutableMapping[str, Any]


def configure(level: str = "info", stream: Optional[IO[str]] = None, secrets: Iterable[str] = ()) -> None:
    """Set up structlog and the standard library's loggers to write to `stream` (default: stderr).

    `secrets` (passwords, tokens) are replaced by *** wherever they would appear, as is the user
    information of any URL.
    """
    target = stream or sys.stderr
    redact = _Redactor(secrets)
    shared: List[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if target.isatty():
        shared.append(redact)
        renderer: Any = structlog.dev.ConsoleRenderer(pad_event_to=0)
    else:
        shared += [structlog.processors.format_exc_info, redact]
        renderer = structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for ours in ("agent", "alerts", "models", "deploy"):
        logging.getLogger(ours).setLevel(_LEVELS[level])


class _Redactor:
    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted({secret for secret in secrets if len(secret) >= 4}, key=len, reverse=True)

    def __call__(self, logger: Any, name: str, event: Event) -> Event:
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        for secret in self._secrets:
            value = value.replace(secret, "***")
        return _USERINFO.sub("***@", value)
