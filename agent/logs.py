"""Logging: readable lines on a terminal, one JSON object a line elsewhere; secrets are struck out of both.

systemd's journal keeps the time of a line and, where it begins with <N>, its priority by itself.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import IO, Any, Iterable, List, MutableMapping, Optional

import structlog

from agent.systemd import goes_to_journal

_USERINFO = re.compile(r"(?<=://)[^/\s@]+:[^/\s@]*@")
_PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}

Event = MutableMapping[str, Any]


def configure(level: str = "info", stream: Optional[IO[str]] = None, secrets: Iterable[str] = ()) -> None:
    """Set up structlog and the standard library's loggers to write to `stream` (default: stderr).

    `secrets` (passwords, tokens) are replaced by *** wherever they would appear, as is the user
    information of any URL.
    """
    target = stream or sys.stderr
    journal = goes_to_journal(target)
    shared: List[Any] = [structlog.stdlib.add_log_level]
    if not journal:
        shared.append(structlog.processors.TimeStamper(fmt="iso", utc=True))
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
                _Redacted(_prioritised(renderer) if journal else renderer, secrets),
            ],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for ours in ("agent", "alerts", "models", "deploy"):
        logging.getLogger(ours).setLevel(_LEVELS[level])


def _prioritised(renderer: Any) -> Any:
    """`renderer`, with the priority that syslog gives the event's level in front of the line."""

    def render(logger: Any, name: str, event: Event) -> str:
        priority = _PRIORITIES.get(str(event.get("level")), _PRIORITIES["info"])
        return f"<{priority}>{renderer(logger, name, event)}"

    return render


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
