"""Logging: readable lines on a terminal, one JSON object a line elsewhere; secrets are struck out of both."""

from __future__ import annotations

import json
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
    shared: List[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if target.isatty():
        renderer: Any = structlog.dev.ConsoleRenderer(
            pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
        )
    else:
        shared.append(structlog.processors.format_exc_info)
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
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _Redacted(renderer, secrets),
            ],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for ours in ("agent", "alerts", "models", "deploy"):
        logging.getLogger(ours).setLevel(_LEVELS[level])


class _Redacted:
    """Strikes secrets out of the finished line, so that tracebacks and nested values are covered too."""

    def __init__(self, renderer: Any, secrets: Iterable[str]) -> None:
        self._renderer = renderer
        spellings = {form for secret in secrets for form in (secret, json.dumps(secret)[1:-1])}
        self._secrets = sorted((form for form in spellings if len(form) >= 4), key=len, reverse=True)

    def __call__(self, logger: Any, name: str, event: Event) -> str:
        line = str(self._renderer(logger, name, event))
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return _USERINFO.sub("***@", line)
