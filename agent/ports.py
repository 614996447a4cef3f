"""The protocols the parts meet through; a port's docstring is its contract."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import List, Mapping, Optional, Sequence

import numpy as np
import numpy.typing as npt
from typing_extensions import Protocol

from agent.domain.box import Box
from agent.domain.camera import CameraStatus
from agent.domain.detection import Detection, Tracked
from agent.domain.evidence import FireScores, ModelInfo
from agent.domain.face_event import FaceEvent
from agent.domain.health import AgentStatus, Health
from agent.domain.incident import Change, Incident
from agent.domain.moment import Moment
from agent.domain.object_event import ObjectEvent

Picture = npt.NDArray[np.uint8]
"""A decoded picture: H x W x 3, BGR, 0..255, C-contiguous."""


class Clock(Protocol):
    """Time, injected. The real one is agent.clock.SystemClock; tests use tests.fakes.clock.FakeClock."""

    def now(self) -> datetime:
        """Aware UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def moment(self) -> Moment:
        """Both clocks, read together."""

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        """Block until `event` is set or `timeout_s` passed; true where it is set."""


@dataclass(frozen=True)
class StreamPicture:
    """What a stream gives: the pixels, and seconds of media time since its first picture."""

    pixels: Picture
    media_s: float


@dataclass(frozen=True)
class Frame:
    """A picture of a camera; `index` counts the frames decoded since the stream was opened."""

    camera: str
    pixels: Picture
    at: Moment
    media_s: float
    index: int


class Stream(Protocol):
    """An open source; used by one thread."""

    def read(self) -> Optional[StreamPicture]:
        """The next picture, blocking at most the source's read time-out; None at the end of a replay.

        Raises SourceError (`stalled` set on a time-out). A live stream that ends raises too.
        """

    def close(self) -> None:
        """Free everything; may be called twice."""


class Source(Protocol):
    """Where a camera's pictures come from."""

    live: bool
    """False for a replay, which ends by itself and may be read at any pace."""

    @property
    def display(self) -> str:
        """What to show people: the address without credentials."""

    def open(self) -> Stream:
        """Connect, blocking at most the open time-out; raises SourceError."""


class FireDetector(Protocol):
    """Looks at pictures for fire; used by one thread."""

    @property
    def model(self) -> ModelInfo:
        """What judges now; `boxed_by` where a second network has a say, which may fall away."""

    def look(self, pictures: Sequence[Picture], before: Sequence[Optional[Picture]] = ()) -> List[FireScores]:
        """One result per picture, in order; pictures may differ in size. `before` are those of the same
        cameras at the look before, None for one that is not known, all if left out; a detector may do
        without. Raises InferenceError."""

    def close(self) -> None: ...


class ObjectDetector(Protocol):
    """Boxes people, vehicles and other things in pictures; used by one thread."""

    @property
    def model(self) -> ModelInfo: ...

    def find(self, pictures: Sequence[Picture]) -> List[List[Detection]]:
        """The things in each picture, the surest first; sizes may differ. Raises InferenceError."""

    def close(self) -> None: ...


class ObjectTracker(Protocol):
    """Follows the things of one camera from look to look; used by one thread."""

    def look(self, detections: Sequence[Detection], at: float) -> List[Tracked]:
        """Those of this look that belong to a track by now, in no order; `at` in seconds that never go back.

        Detections of low score may carry a track on, but start none; they are given back too.
        """


@dataclass(frozen=True, eq=False)
class Face:
    """A face in a picture, in its pixels; `score` is the detector's confidence in 0..1.

    `landmarks` is 5 x 2 float32, (x, y) each: right eye, left eye (the person's own), tip of the nose, right
    and left corner of the mouth.
    """

    box: Box
    score: float
    landmarks: npt.NDArray[np.float32]


Embeddings = npt.NDArray[np.float32]
"""N x 128: a row says whose face it is; rows of one person are near each other (Euclidean distance)."""


class FaceDetector(Protocol):
    """Looks at pictures for faces; used by one thread."""

    @property
    def model(self) -> ModelInfo: ...

    def find(self, pictures: Sequence[Picture]) -> List[List[Face]]:
        """The faces of each picture, the largest first; sizes may differ. Raises InferenceError."""

    def close(self) -> None: ...


class FaceEmbedder(Protocol):
    """Says whose faces aligned chips show; used by one thread."""

    @property
    def model(self) -> ModelInfo: ...

    def embed(self, chips: Sequence[Picture]) -> Embeddings:
        """One row per chip (150 x 150 x 3, BGR), in order; none for none. Raises InferenceError."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class SnapshotRef:
    """A stored snapshot: paths relative to the data folder, sha256 and size of the annotated JPEG."""

    annotated: Path
    clean: Path
    sha256: str
    width: int
    height: int


class SnapshotStore(Protocol):
    """Pictures of incidents on disk, each written whole or not at all."""

    def save(self, incident_id: str, sequence: int, *, annotated: bytes, clean: bytes) -> SnapshotRef:
        """Store two JPEGs durably (written aside, fsynced, renamed). Raises StoreError (disk full, ...)."""


class Journal(Protocol):
    """The durable record of incidents; safe to use from several threads."""

    def record(self, change: Change, snapshot: Optional[SnapshotRef], sinks: Sequence[str]) -> None:
        """Commit the incident, the change and one outbox row per sink in one transaction.

        Idempotent: a change already recorded is not recorded twice. Raises StoreError, and then nothing
        of it is stored.
        """

    def unresolved(self) -> List[Incident]:
        """Every incident that is open or acknowledged, oldest first."""


@dataclass(frozen=True)
class Delivery:
    """One leased outbox row: a change to be told to one sink.

    `attempts` counts the failed ones before this; `lease` tells this lease of the row from any other, so
    that a dispatcher that overslept cannot put back what another holds by now.
    """

    id: int
    sink: str
    change: Change
    snapshot: Optional[SnapshotRef]
    recorded_at: datetime
    attempts: int
    lease: int = 0


class Outbox(Protocol):
    """What is still to be told. Delivery is at least once, in sequence order within an incident."""

    def lease(self, sink: str, limit: int, lease_s: float) -> List[Delivery]:
        """Up to `limit` rows that are due, most severe incident first, hidden from others for `lease_s`.

        Of one incident only its lowest undelivered sequence is ever given out.
        """

    def done(self, delivery: Delivery) -> None:
        """The sink confirmed it."""

    def retry(self, delivery: Delivery, after_s: float, error: str) -> None:
        """It failed and is due again in `after_s` seconds."""

    def park(self, delivery: Delivery, error: str) -> None:
        """It can never be delivered: kept, counted, out of the way."""

    def release(self) -> None:
        """Give back every lease of a process that died; called once at start."""

    def depth(self) -> OutboxDepth: ...


@dataclass(frozen=True)
class OutboxDepth:
    """How much waits, how much is parked, how much was shed because the outbox was full."""

    pending: int
    parked: int
    shed: int


class Sink(Protocol):
    """One-way delivery of incident changes; used by one dispatcher thread."""

    name: str

    def deliver(self, delivery: Delivery) -> None:
        """Return only when the far end confirmed it.

        Raises TransientDeliveryError (try again) or PermanentDeliveryError (park it).
        """


LineCounts = Mapping[str, Mapping[str, Mapping[str, int]]]
"""How many crossed the lines of a camera: by line, direction (`in` and `out`, always both) and label."""


class StatusBoard(Protocol):
    """Where the agent's present state is shown (retained topics): the last word wins, nothing is queued."""

    def camera(self, status: CameraStatus) -> None: ...

    def agent(self, status: AgentStatus) -> None: ...

    def health(self, health: Health) -> None: ...

    def face(self, event: FaceEvent) -> None:
        """Told once, while there is a connection; what must not be lost is an incident."""

    def object(self, event: ObjectEvent) -> None:
        """As `face`."""

    def counts(self, camera: str, counts: LineCounts) -> None:
        """How many crossed so far."""
