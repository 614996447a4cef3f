"""What `beffroi people` says of pictures, and the pictures that show it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from agent.cli.people_context import People
from agent.clock import SystemClock
from agent.domain.face import Nearest
from agent.domain.policy.recognition import RecognitionSettings, decide
from agent.enrolments import PeopleError, Refusal
from agent.faces.enrolled import StoredPeople
from agent.faces.loading import photo_reader
from agent.faces.pictures import PictureError, decode
from agent.faces.preview import Shown, contact_sheet
from agent.ports import Face, Picture
from agent.vision.annotate import encode_jpeg

_QUALITY = 90


@dataclass(frozen=True, eq=False)
class Examined:
    """The faces of one picture, each with whom it is nearest to, and who it is by name or None."""

    picture: Picture
    faces: Sequence[Tuple[Face, Nearest, Optional[str]]]
    settings: RecognitionSettings

    def row(self) -> Dict[str, Any]:
        """As JSON."""
        return {"faces": [self._face_row(*one) for one in self.faces], **self._thresholds()}

    def lines(self) -> List[str]:
        """For people."""
        if not self.faces:
            return ["no face is seen"]
        return [f"face {number}: {self._why(*one)}" for number, one in enumerate(self.faces, 1)]

    def sheet(self) -> bytes:
        """A JPEG with the boxes and the words."""
        labels = [
            (face, name or ("nobody" if nearest.person is None else f"unknown {nearest.distance:.2f}"))
            for face, nearest, name in self.faces
        ]
        known = any(name is not None for _, _, name in self.faces)
        words = f"{len(self.faces)} faces" if len(self.faces) != 1 else "1 face"
        return encode_jpeg(contact_sheet([Shown(self.picture, labels, words, known)]), _QUALITY)

    def _thresholds(self) -> Dict[str, float]:
        return {"max_distance": self.settings.max_distance, "margin": self.settings.margin}

    def _face_row(self, face: Face, nearest: Nearest, name: Optional[str]) -> Dict[str, Any]:
        box = face.box
        return {
            "box": [round(value, 1) for value in (box.left, box.top, box.right, box.bottom)],
            "score": round(face.score, 3),
            "person": None if name is None else nearest.person,
            "name": name,
            "nearest": nearest.person,
            "distance": _finite(nearest.distance),
            "second": _finite(nearest.second),
        }

    def _why(self, face: Face, nearest: Nearest, name: Optional[str]) -> str:
        where = f"{face.box.width:.0f} pixels wide at {face.box.left:.0f}, {face.box.top:.0f}"
        if nearest.person is None:
            return f"unknown: nobody is enrolled ({where})"
        told = f"distance {nearest.distance:.2f} (at most {self.settings.max_distance:g})"
        if np.isfinite(nearest.second):
            told += f", the next person at {nearest.second:.2f} (at least {self.settings.margin:g} farther)"
        who = f"number {nearest.person}, {name}" if name else f"unknown: nearest to number {nearest.person}"
        return f"{who}, {told} ({where})"


def examined(people: People, data: bytes) -> Examined:
    """The faces of a picture file. Raises PeopleError (BAD_FILE), InferenceError, BundleError."""
    try:
        picture = decode(data)
    except PictureError as error:
        raise PeopleError(str(error), Refusal.BAD_FILE.value) from error
    section = people.settings.faces
    settings = RecognitionSettings(section.max_distance, section.margin)
    roster = StoredPeople(people.store, SystemClock()).roster()
    names = {person.id: person.name for person in roster.people}
    with closing(photo_reader(people.settings)) as reader:
        (reads,) = reader.read([picture])
    rows = np.array([read.embedding for read in reads], np.float32).reshape(-1, 128)
    faces = []
    for read, nearest in zip(reads, roster.gallery.nearest(rows)):
        who = decide(nearest, settings)
        faces.append((read.face, nearest, None if who is None else names[who]))
    return Examined(picture, faces, settings)


def sheet(people: People, paths: Sequence[Path], words: Sequence[str], good: Sequence[bool]) -> bytes:
    """A JPEG of the pictures of an enrolment with what was said of each."""
    shown = []
    with closing(photo_reader(people.settings)) as reader:
        for path, said, accepted in zip(paths, words, good):
            try:
                picture = decode(path.read_bytes())
            except PictureError:
                shown.append(Shown(np.full((300, 360, 3), 60, np.uint8), [], said, good=False))
                continue
            faces = [(face, f"{face.score:.2f}") for face in reader.find([picture])[0]]
            shown.append(Shown(picture, faces, said, accepted))
    return encode_jpeg(contact_sheet(shown), _QUALITY)


def _finite(value: float) -> Optional[float]:
    return round(value, 4) if np.isfinite(value) else None
