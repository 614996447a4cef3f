"""Counts of lines that are kept in memory."""

from __future__ import annotations

from typing import Dict

from agent.domain.policy.object_counts import Counts
from agent.errors import StoreError
from agent.ports import LineCounts


class FakeLineCounts:
    """Implements agent.assembly.objects.KeptCounts; with `full` set nothing can be saved."""

    def __init__(self) -> None:
        self.kept: Dict[str, LineCounts] = {}
        self.full = False

    def load(self, camera: str) -> Counts:
        return {
            line: {way: dict(labels) for way, labels in ways.items()}
            for line, ways in self.kept.get(camera, {}).items()
        }

    def save(self, camera: str, counts: LineCounts) -> None:
        if self.full:
            raise StoreError("no space left on the disk")
        self.kept[camera] = counts
