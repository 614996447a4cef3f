"""How many crossed the lines of a camera."""

from __future__ import annotations

from typing import Dict, Iterable, Sequence, Set, Tuple

from agent.domain.geometry import IN, OUT
from agent.domain.policy.object_watchers import Finding

Counts = Dict[str, Dict[str, Dict[str, int]]]
"""How many, by line, direction (`in`, `out`) and label."""


class Counters:
    """Counts a crossing once, however many rules are about its line. Not thread-safe."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._counts: Counts = {line: {IN: {}, OUT: {}} for line in lines}
        self._crossed: Set[Tuple[str, str, int]] = set()

    def resume(self, kept: Counts) -> None:
        """Count on from what an earlier run counted; lines that are no more are left out."""
        for line, ways in self._counts.items():
            for way in ways:
                ways[way] = dict(kept.get(line, {}).get(way, {}))

    def begin(self) -> None:
        """Another look."""
        self._crossed.clear()

    def add(self, line: str, findings: Sequence[Finding]) -> None:
        """What a rule about the line found at this look."""
        for finding in findings:
            thing = finding.things[0]
            way = str(finding.direction)
            if (line, way, thing.id) not in self._crossed:
                self._crossed.add((line, way, thing.id))
                labels = self._counts[line][way]
                labels[thing.label] = labels.get(thing.label, 0) + 1

    def counts(self) -> Counts:
        """A copy of them all, of every line."""
        return {
            line: {way: dict(labels) for way, labels in ways.items()} for line, ways in self._counts.items()
        }
