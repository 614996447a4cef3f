"""How fast what burns on one camera grows: the area under flames and smoke, over the last looks."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Deque, List, Optional, Sequence

from agent.domain.detection import Detection
from agent.domain.extent import NOWHERE, Extent, covered
from agent.domain.moment import Moment

LEAST_AREA = 0.002
"""Areas below this share of the picture count as this one: boxes of a few pixels flicker."""


@dataclass(frozen=True)
class _Look:
    at: Moment
    area: float


class Growth:
    """The areas of one camera's looks in the last `within_s` seconds; looks must come in order of time.

    Growth is the mean area of the last third of that time by the mean of its first third, None before there
    are looks in both.
    """

    def __init__(self, within_s: float) -> None:
        self._third_s = within_s / 3
        self._looks: Deque[_Look] = deque()

    def look(self, boxes: Optional[Sequence[Detection]], at: Moment) -> Extent:
        """What burns at this look; NOWHERE where nothing boxes it (None), and then what was before is
        forgotten."""
        if boxes is None:
            self.forget()
            return NOWHERE
        area = min(1.0, covered([one.box for one in boxes]))
        self._looks.append(_Look(at, area))
        while at.since(self._looks[0].at) > 3 * self._third_s:
            self._looks.popleft()
        return Extent(tuple(boxes), area, self._growth(at))

    def forget(self) -> None:
        """Begin anew, such as after a time without looks."""
        self._looks.clear()

    @property
    def lately(self) -> Optional[float]:
        """The mean area over the last third, no less than LEAST_AREA; None where nothing boxes it."""
        return _mean(self._last(self._looks[-1].at)) if self._looks else None

    def _growth(self, at: Moment) -> Optional[float]:
        first = [one for one in self._looks if at.since(one.at) >= 2 * self._third_s]
        return _mean(self._last(at)) / _mean(first) if first else None

    def _last(self, at: Moment) -> List[_Look]:
        return [one for one in self._looks if at.since(one.at) <= self._third_s]


def _mean(looks: Sequence[_Look]) -> float:
    return max(LEAST_AREA, sum(one.area for one in looks) / len(looks))
