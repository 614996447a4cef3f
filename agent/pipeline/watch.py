"""Watch one source from beginning to end without a store: every frame, the looks, and what they amount to."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Iterator, List, Optional, Sequence, Tuple, Union

import structlog
from typing_extensions import Protocol

from agent.domain.backoff import Backoff, BackoffSettings
from agent.domain.detection import Tracked
from agent.domain.evidence import FireScores
from agent.domain.incident import Change
from agent.domain.object_event import ObjectEvent
from agent.domain.policy.fire import FirePolicy
from agent.errors import SourceError
from agent.ports import Clock, FireDetector, Frame, Picture, Source, Stream
from agent.vision.ignored import NOTHING_IGNORED, Ignored

log = structlog.get_logger(__name__)

_RECONNECT = BackoffSettings(first_s=1.0, cap_s=30.0)


@dataclass(frozen=True)
class Step:
    """One decoded frame; `scores` is None where the frame was not looked at. `things` are those of the last
    look for any, `events` what rules said of them at this one."""

    frame: Frame
    scores: Optional[FireScores]
    danger: float
    changes: List[Change]
    things: Sequence[Tracked] = ()
    events: Sequence[ObjectEvent] = ()


class ThingWatch(Protocol):
    """What becomes of things, frame by frame."""

    def look(self, frame: Frame) -> Tuple[Sequence[Tracked], List[Union[Change, ObjectEvent]]]:
        """What is there, and what it amounts to. Raises InferenceError."""


def watch(
    source: Source,
    camera: str,
    detector: FireDetector,
    policy: FirePolicy,
    clock: Clock,
    looks_per_second: float,
    stop: threading.Event,
    things: Optional[ThingWatch] = None,
    ignored: Ignored = NOTHING_IGNORED,
) -> Iterator[Step]:
    """Yield a step per decoded frame until a replay ends or `stop` is set.

    Looks are spaced by media time, so a file gives the same result at any speed. A live source that is
    lost is opened again for ever, but must open the first time. Without `things` nothing but fire is looked
    for. Raises SourceError, InferenceError.
    """
    gap_s = 1.0 / looks_per_second
    due_s = 0.0
    there: Sequence[Tracked] = ()
    before: Optional[Picture] = None
    for frame in _frames(source, camera, clock, stop):
        if frame.media_s + 1e-6 < due_s:
            yield Step(frame, None, policy.danger, [], there)
            continue
        due_s = max(due_s + gap_s, frame.media_s)
        picture = ignored.over(camera, frame.pixels)
        (scores,) = detector.look([picture], [before])
        before = picture
        changes, events = policy.look(scores, frame.at, detector.model), []
        if things is not None:
            there, outcomes = things.look(frame)
            changes += [one for one in outcomes if isinstance(one, Change)]
            events = [one for one in outcomes if isinstance(one, ObjectEvent)]
        yield Step(frame, scores, policy.danger, changes, there, events)


def _frames(source: Source, camera: str, clock: Clock, stop: threading.Event) -> Iterator[Frame]:
    """Frames stamped with media time, counted from the moment the source was first opened."""
    stream: Optional[Stream] = source.open()
    start = clock.moment()
    backoff = Backoff(_RECONNECT)
    lost_s = 0.0
    index = 0
    try:
        while stream is not None and not stop.is_set():
            try:
                picture = stream.read()
            except SourceError as error:
                if not source.live:
                    raise
                stream.close()
                log.warning("source lost, opening it again", source=source.display, error=str(error))
                stream = _reopened(source, clock, backoff, stop)
                lost_s = clock.moment().since(start)
                continue
            if picture is None:
                return
            backoff.reset()
            media_s = lost_s + picture.media_s
            yield Frame(camera, picture.pixels, start.plus(media_s), media_s, index)
            index += 1
    finally:
        if stream is not None:
            stream.close()


def _reopened(source: Source, clock: Clock, backoff: Backoff, stop: threading.Event) -> Optional[Stream]:
    """Open the source again, however long it takes; None where `stop` was set first."""
    while not clock.wait(stop, backoff.next_s()):
        try:
            return source.open()
        except SourceError as error:
            log.warning("still lost", source=source.display, error=str(error))
    return None
