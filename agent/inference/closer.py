"""A closer look: where a small part of a picture might burn, the classifier judges that part by itself.

A classifier sees a whole street in a few hundred pixels, of which a small flame has a handful. In a view of a
fifth of the picture it has twenty-five times as many (docs/fusion.md, docs/adr/0022).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Callable, List, Optional, Sequence

from agent.domain.box import Box
from agent.domain.evidence import FireScores, ModelInfo
from agent.domain.fusion import logit, sigmoid
from agent.ports import FireDetector, Picture
from agent.vision.parts import cut_out
from agent.vision.stirring import stirs


@dataclass(frozen=True)
class Lens:
    """How closer looks are taken. The defaults were chosen on pictures for validation
    (`python -m benchmarks.fire_closer`).

    A view is `wider` times as wide as the longer side of the box that it is taken around, for what surrounds
    a flame tells it from a lamp, and covers no less than `least_boxed` of the picture's width and height.
    Around what is hot, which says less well where, it covers as much as that, and no less than `least_hot`.
    `doubt` is taken off the log-odds of what a view says: of places that look like fire fewer burn than of
    pictures.
    """

    wider: float = 2.0
    least_boxed: float = 0.2
    least_hot: float = 0.35
    doubt: float = 1.0


LENS = Lens()

_ALL = 0.99
"""A view of so much of a picture shows nothing closer."""


class Closer:
    """Implements agent.ports.FireDetector: looks as `around` does, and has `classifier`, which is the one
    that `around` looks with, judge a view of the surest box of flames or smoke, and of what it finds hot.

    What a view says can only raise the danger, never lower it; and never says fire: how much burns, only the
    whole picture shows. So what is seen by a closer look alone begins as a start-fire. What has not stirred
    since the look before is not looked at closer: a flame is never still, a traffic cone is.
    """

    def __init__(self, around: FireDetector, classifier: FireDetector, lens: Lens = LENS) -> None:
        self._around = around
        self._classifier = classifier
        self._lens = lens

    @property
    def model(self) -> ModelInfo:
        return self._around.model

    def look(self, pictures: Sequence[Picture], before: Sequence[Optional[Picture]] = ()) -> List[FireScores]:
        return self.surer(pictures, self._around.look(pictures), before)

    def surer(
        self,
        pictures: Sequence[Picture],
        said: Sequence[FireScores],
        before: Sequence[Optional[Picture]] = (),
    ) -> List[FireScores]:
        """What `around` said of the pictures, with what closer looks add."""
        surest = list(said)
        views = [
            (index, part)
            for index, (scores, picture, earlier) in enumerate(
                zip_longest(said, pictures, before[: len(said)])
            )
            for part in views_of(scores, _alive(picture, earlier), self._lens)
        ]
        if views:
            judged = self._classifier.look([cut_out(pictures[index], part) for index, part in views])
            for (index, _), scores in zip(views, judged):
                surest[index] = raised(surest[index], scores.danger, self._lens.doubt)
        return surest

    def close(self) -> None:
        self._around.close()


def views_of(
    scores: FireScores, alive: Callable[[Box], bool] = lambda _: True, lens: Lens = LENS
) -> List[Box]:
    """Which parts of a picture to look at closer, in shares of it: around the surest box of flames or smoke
    that is alive, and around what is hot, if that is; none where all is calm."""
    boxed = [(one.box, view_of(one.box, lens.wider, lens.least_boxed)) for one in scores.boxes or ()]
    hot = [] if scores.heat is None else [(scores.heat.box, view_of(scores.heat.box, 1.0, lens.least_hot))]
    # What is too large to be seen closer is not asked whether it stirs, and ends the search.
    found = (next((view for box, view in some if view is None or alive(box)), None) for some in (boxed, hot))
    return [view for view in found if view is not None]


def raised(scores: FireScores, close: float, doubt: float) -> FireScores:
    """With the danger that a closer look speaks for, `doubt` taken off its log-odds, where that is more."""
    danger = sigmoid(logit(close) - doubt)
    if danger <= scores.danger:
        return scores
    return replace(scores, start_fire=danger - scores.fire, no_fire=1.0 - danger)


def _alive(picture: Picture, before: Optional[Picture]) -> Callable[[Box], bool]:
    """Of a part of the picture whether it stirs; all may where it is not known."""
    return lambda part: before is None or stirs(picture, before, part)


def view_of(box: Box, wider: float, least: float) -> Optional[Box]:
    """Around the middle of the box, of the picture's proportions and within it; None where it would show
    all."""
    side = max(wider * max(box.width, box.height), least)
    if side >= _ALL:
        return None
    left, top = (
        min(max(0.0, middle - side / 2), 1.0 - side)
        for middle in ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
    )
    return Box(left, top, left + side, top + side)
