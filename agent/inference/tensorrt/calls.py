"""Calls into TensorRT and CUDA: whatever goes wrong becomes an InferenceError that names the call."""

from __future__ import annotations

from collections import deque
from typing import Any, Callable, Deque

import structlog

from agent.errors import InferenceError
from agent.inference.tensorrt.listener import listener

log = structlog.get_logger(__name__)

_MEMORY = (
    "The device's memory is full: end other programs, watch fewer cameras, or set fire.backend or "
    "faces.backend to onnxruntime"
)
_OTHERWISE = (
    "If it stays so, build the engine again (`beffroi engines build`), or set fire.backend or "
    "faces.backend to onnxruntime"
)


class Words:
    """What TensorRT said last: a call that fails gives its reason here and nowhere else."""

    def __init__(self, trt: Any) -> None:
        self._errors: Deque[str] = deque(maxlen=4)
        self.listener = listener(
            trt, self._errors.append, lambda text: log.debug("TensorRT warns", message=text)
        )

    def take(self) -> str:
        """The errors since it was last asked."""
        said = "; ".join(self._errors)
        self._errors.clear()
        return said


class Calls:
    """`about` says whose calls these are, for the errors."""

    def __init__(self, cuda: Any, about: str) -> None:
        # What PyCUDA raises, and pybind11 where a constructor of TensorRT gave nothing.
        self._raised = (cuda.Error, RuntimeError, TypeError, ValueError, MemoryError)
        self._memory = (cuda.MemoryError, MemoryError)
        self._about = about
        self.words: Any = None

    def done(self, call: str, function: Callable[..., Any], *values: Any) -> Any:
        """Its answer, whatever it is. Raises InferenceError where it raises."""
        try:
            return function(*values)
        except self._raised as error:
            remedy = _MEMORY if isinstance(error, self._memory) else _OTHERWISE
            raise InferenceError(self._told(call, str(error) or type(error).__name__, remedy)) from error

    def made(self, call: str, function: Callable[..., Any], *values: Any, remedy: str = "") -> Any:
        """Its answer. Raises InferenceError where it raises, or answers None or False."""
        answer = self.done(call, function, *values)
        if answer is None or answer is False:
            said = self._said()
            tight = "memory" in said.lower()
            advice = _MEMORY if tight else remedy or _OTHERWISE
            raise InferenceError(self._told(call, said or "it gives no reason", advice))
        return answer

    def _said(self) -> str:
        return "" if self.words is None else str(self.words.take())

    def _told(self, call: str, why: str, remedy: str) -> str:
        return f"{self._about}: {call} failed: {why}. {remedy}"
