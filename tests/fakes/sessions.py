"""A session that says what it was told to."""

from __future__ import annotations

from typing import List

from agent.inference.backend import Result
from agent.vision.preprocess import Batch


class ScriptedSession:
    """Implements agent.inference.backend.Session: the same results for whatever it is given."""

    backend = "scripted"
    precision = "fp16"

    def __init__(self, *results: Result) -> None:
        self._results = results
        self.given: List[Batch] = []
        self.closed = False

    def infer(self, batch: Batch) -> Result:
        return self.infer_all(batch)[0]

    def infer_all(self, batch: Batch) -> List[Result]:
        self.given.append(batch)
        return list(self._results)

    def close(self) -> None:
        self.closed = True
