"""Faces whose originals are known, in what would be sent of them: pasted into scenes, and in clips."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Iterator, List, NamedTuple, Tuple

import cv2
import numpy as np
from rich.console import Console

from agent.clock import SystemClock
from agent.domain.incident import Incident, Kind
from agent.errors import InferenceError
from agent.faces.veil import Veil, eager_detector
from agent.ports import FaceDetector, Picture
from agent.vision.annotate import annotate, encode_jpeg
from benchmarks.privacy_attack import Attacker, Attempt, Embedding
from benchmarks.privacy_scenes import Portrait, fires, frames, people, read, scenes

PASTED = "pasted"
SEED = 7
EVERY = 5
_QUALITY = 85
_SURE = 0.6
_console = Console(stderr=True)


class Row(NamedTuple):
    """One face: attacked in the open, under the veil, and where the veil's detector failed."""

    where: str
    size: float
    open: Attempt
    veiled: Attempt
    failed: Attempt
    stranger: float
    """The distance, taken by force under the veil, from a person who is not there."""


def pasted(shared: Path, attacker: Attacker, count: int) -> Iterator[Row]:
    portraits = portraits_of(shared / "faces", attacker, count)
    known = [attacker.embedding(one.picture, one.face.box) for one in portraits]
    with_fire = [path for path, _ in fires(shared / "data" / "fire-det")]
    veil, failing = veils()
    for picture, put in scenes(with_fire, portraits, np.random.default_rng(SEED)):
        bare, veiled, failed = _kept(picture), _sent(picture, veil), _sent(picture, failing)
        for one in put:
            mine, other = known[one.portrait], known[(one.portrait + 1) % len(known)]
            yield Row(
                PASTED,
                one.size,
                attacker.attempt(bare, one.box, mine),
                attacker.attempt(veiled, one.box, mine),
                attacker.attempt(failed, one.box, mine),
                float(np.linalg.norm(attacker.embedding(veiled, one.box) - other)),
            )
    _console.print("pasted faces done")


def clips(folder: Path, attacker: Attacker, stranger: Embedding) -> Iterator[Row]:
    """The face of the frame itself is what is known of a face in a clip; a stranger is another face in it."""
    veil, failing = veils()
    with closing(eager_detector()) as finder:
        for clip in sorted(folder.glob("*.mp4")):
            for picture in frames(clip, EVERY):
                faces = [face for face in finder.find([picture])[0] if face.score >= _SURE]
                if not faces:
                    continue
                bare, veiled, failed = _kept(picture), _sent(picture, veil), _sent(picture, failing)
                known = [attacker.embedding(picture, face.box) for face in faces]
                for number, (face, mine) in enumerate(zip(faces, known)):
                    other = known[number - 1] if len(known) > 1 else stranger
                    yield Row(
                        clip.name,
                        face.box.width,
                        attacker.attempt(bare, face.box, mine),
                        attacker.attempt(veiled, face.box, mine),
                        attacker.attempt(failed, face.box, mine),
                        float(np.linalg.norm(attacker.embedding(veiled, face.box) - other)),
                    )
            _console.print(f"{clip.name} done")


def portraits_of(folder: Path, attacker: Attacker, count: int) -> List[Portrait]:
    """One picture each of so many people, by name, of those whose face is found in the middle of it."""
    found: List[Portrait] = []
    for _, files in sorted(people(folder).items()):
        picture = read(folder / files[0])
        face = attacker.portrait(picture)
        if face is not None and len(found) < count:
            found.append(Portrait(picture, face))
    return found


def _sent(picture: Picture, veil: Veil) -> Picture:
    """What a chat gets of a picture: as the recorder makes it, and decoded again."""
    clock = SystemClock()
    change = Incident.open("i", "gate", Kind.FIRE, clock.now(), 0.9)
    veiled = veil.over(picture)
    data = encode_jpeg(annotate(veiled.picture, change, "Gate", veiled.note), _QUALITY)
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def _broken() -> FaceDetector:
    raise InferenceError("there is no detector")


def veils() -> Tuple[Veil, Veil]:
    """One that may take its time, and one whose detector fails."""
    clock = SystemClock()
    return Veil(eager_detector, clock, within_s=60.0), Veil(_broken, clock)


def _kept(picture: Picture) -> Picture:
    """The picture without a veil, as JPEG and decoded again."""
    data = encode_jpeg(picture, _QUALITY)
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)
