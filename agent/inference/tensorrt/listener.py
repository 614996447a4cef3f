"""What TensorRT says, passed on: its calls give no reason but here."""

from __future__ import annotations

from typing import Any, Callable


def _ignore(_message: str) -> None:
    pass


def listener(trt: Any, on_error: Callable[[str], None], on_warning: Callable[[str], None] = _ignore) -> Any:
    """A logger for TensorRT's constructors; its base is known at run time only."""
    wrong = (trt.ILogger.INTERNAL_ERROR, trt.ILogger.ERROR)

    class Listener(trt.ILogger):  # type: ignore[misc]
        def __init__(self) -> None:
            trt.ILogger.__init__(self)

        def log(self, severity: Any, msg: str) -> None:
            if severity in wrong:
                on_error(msg)
            elif severity == trt.ILogger.WARNING:
                on_warning(msg)

    return Listener()
