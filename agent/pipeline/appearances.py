"""Who is before one camera: tracks of faces, and the vote on whose each is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Optional, Sequence, Tuple

import cv2
import numpy as np
import numpy.typing as npt

from agent.domain.face import Nearest
from agent.domain.policy.recognition import Ballot, RecognitionSettings, Verdict
from agent.domain.track import Tracker
from agent.faces.gallery import Gallery
from agent.faces.reader import FaceRead, FaceReader
from agent.ports import Face, Frame

_MOST_EMBEDDED = 4
"""Faces that are embedded at one look: new ones first, then in turn; each takes 6 ms on a PC's core."""

_SOMEBODY_ELSE = 0.75
"""An embedding this far from the track's last is another person's, who took the place of the first."""

_SHARP = 300.0
"""Variance of the Laplacian at which more sharpness of a chip says nothing more."""

_LEAST_WIDTH = 24.0
"""Pixels; a smaller face is not told from another's (docs/faces.md)."""


@dataclass
class _Track:
    ballot: Ballot
    last: Optional[npt.NDArray[np.float32]] = None
    embedded: int = 0
    turn: int = 0


@dataclass(frozen=True, eq=False)
class Sighting:
    """A face at one look: its track, where it is, and whose it is by all looks at the track so far.

    `nearest` is whom this look alone is nearest to; None where the face was not embedded at it.
    """

    track: int
    face: Face
    verdict: Verdict
    nearest: Optional[Nearest] = None


class Appearances:
    """The faces before one camera, look by look; used by one thread.

    A face that was not seen for `lost_after_s` has ended: it must outlast the gap between two looks.
    """

    def __init__(self, settings: RecognitionSettings, lost_after_s: float = 2.0) -> None:
        self._settings = settings
        self._tracker = Tracker(lost_after_s)
        self._turn = 0
        self._tracks: Dict[int, _Track] = {}

    def forget(self) -> None:
        """Vote anew: other people are enrolled than before."""
        for track in self._tracks.values():
            track.ballot = Ballot(self._settings)

    def look(self, reader: FaceReader, gallery: Gallery, frame: Frame) -> List[Sighting]:
        """The faces of one frame. Raises InferenceError."""
        faces = [face for face in reader.find([frame.pixels])[0] if face.box.width >= _LEAST_WIDTH]
        numbers = self._tracker.look([face.box for face in faces], frame.at.monotonic)
        reads = self._embed(reader, frame, faces, numbers)
        for index, read in reads.items():
            numbers[index] = self._same(numbers[index], read)
        alive = set(self._tracker.tracks)
        self._tracks = {number: self._track(number) for number in alive}
        nearest = self._vote(gallery, {numbers[index]: read for index, read in reads.items()})
        return [
            Sighting(number, face, self._tracks[number].ballot.verdict, nearest.get(number))
            for number, face in zip(numbers, faces)
        ]

    def _embed(
        self, reader: FaceReader, frame: Frame, faces: Sequence[Face], numbers: Sequence[int]
    ) -> Dict[int, FaceRead]:
        self._turn += 1
        by_need = sorted(range(len(faces)), key=lambda index: self._need(self._track(numbers[index])))
        chosen = sorted(by_need[:_MOST_EMBEDDED])
        for track in (self._track(numbers[index]) for index in chosen):
            track.embedded, track.turn = track.embedded + 1, self._turn
        read = reader.embed(frame.pixels, [faces[index] for index in chosen])
        return dict(zip(chosen, read))

    def _need(self, track: _Track) -> Tuple[int, int]:
        """Least first: whose vote is not full yet, then whose turn is longest ago."""
        return min(track.embedded, self._settings.window), track.turn

    def _same(self, number: int, read: FaceRead) -> int:
        track = self._track(number)
        if track.last is not None and float(np.linalg.norm(track.last - read.embedding)) > _SOMEBODY_ELSE:
            number = self._tracker.part(number)
            track = self._track(number)
        track.last = read.embedding
        return number

    def _track(self, number: int) -> _Track:
        return self._tracks.setdefault(number, _Track(Ballot(self._settings)))

    def _vote(self, gallery: Gallery, reads: Dict[int, FaceRead]) -> Dict[int, Nearest]:
        if not reads:
            return {}
        rows = np.array([read.embedding for read in reads.values()], np.float32)
        found = dict(zip(reads, gallery.nearest(rows)))
        for number, read in reads.items():
            self._tracks[number].ballot.add(found[number], read.face.box.area * _sharpness(read))
        return found


def _sharpness(read: FaceRead) -> float:
    """In 0..1; variance of the Laplacian (Pech-Pacheco et al. 2000) of the chip, which is of one size."""
    grey = cv2.cvtColor(read.chip, cv2.COLOR_BGR2GRAY)
    return min(1.0, float(cv2.Laplacian(grey, cv2.CV_64F).var()) / _SHARP)
