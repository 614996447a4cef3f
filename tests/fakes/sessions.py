"""A session that says what it was told to."""

from __future__ import annotations

from typing import List

from agent.inference.backend import Result
from agent.vision.preprocess import Batch


class ScriptedSession:
    """Implements agent.inference.backend.Session: the same result for whatever it is given."""

    backend = "scripted"
    precision = "fp16"

    def __init__(self, result: Result) -> None:
        self._result = result
        self.given: List[Batch] = []
        self.closed = False

    def infer(self, batch: Batch) -> Result:
        self.given.append(batch)
        return self._result

    def close(self) -> None:
        self.closed = True
