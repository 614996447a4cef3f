"""The veil: faces are made unrecognisable in every picture that leaves the device."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Callable, Optional, Sequence

import cv2
import structlog
from typing_extensions import Protocol

from agent.domain.box import Box
from agent.errors import BeffroiError
from agent.faces.veil_boxes import merged, without
from agent.faces.veil_search import LEAST, Search, search
from agent.inference.bundle import load_bundle
from agent.inference.faces import YuNet
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import Clock, FaceDetector, Picture
from agent.vision.obscure import coarse, covered

log = structlog.get_logger(__name__)

_WITHIN_S = 2.0
_CELLS_OF_A_FACE = 5
_ROWS = 16
"""Of a picture in which no faces could be looked for: one that fills half of it keeps 8 rows."""

_UNSEARCHED = "veiled as a whole: faces could not be looked for"
_HURRIED = "partly veiled: no time to look for small faces"


@dataclass(frozen=True, eq=False)
class Veiled:
    """A picture that may leave the device, with the boxes of the faces that were veiled. `note` says, for
    whoever sees it, why more of it than the heads is unrecognisable; None where that is not so."""

    picture: Picture
    faces: Sequence[Box] = ()
    note: Optional[str] = None


class Veiling(Protocol):
    """What becomes of a picture before it leaves."""

    def over(
        self,
        picture: Picture,
        clear: Sequence[Box] = (),
        also: Sequence[Box] = (),
        closely: bool = True,
    ) -> Veiled:
        """A picture of the same size; never raises for a detector that fails.

        `clear` are boxes of faces that may be seen, of enrolled people in an incident about them; `also` are
        boxes of faces that are there whether they are found or not. Unless `closely`, small faces are not
        looked for: for pictures that come too fast, between others.
        """


class Unveiled:
    """Implements Veiling where `faces.blur` is off: pictures leave as they are."""

    def over(
        self,
        picture: Picture,
        clear: Sequence[Box] = (),
        also: Sequence[Box] = (),
        closely: bool = True,
    ) -> Veiled:
        return Veiled(picture)


UNVEILED = Unveiled()


class Veil:
    """Implements Veiling; safe to use from several threads, one picture at a time.

    The detector is made when the first picture comes, and made anew after it failed. A picture that cannot
    be searched for faces is made coarse as a whole, so that it can leave all the same: fire is still a glow
    in it. Where the time ran out after the look at the whole picture, only what was not looked at closely is
    made coarse, and only so much that a face that was too small to be found cannot be told.
    """

    def __init__(
        self,
        make_detector: Callable[[], FaceDetector],
        clock: Clock,
        within_s: float = _WITHIN_S,
    ) -> None:
        """`within_s`: no look at a part is begun later, nor is another picture's veil waited for longer."""
        self._make_detector = make_detector
        self._clock = clock
        self._within_s = within_s
        self._lock = threading.Lock()
        self._detector: Optional[FaceDetector] = None

    def over(
        self,
        picture: Picture,
        clear: Sequence[Box] = (),
        also: Sequence[Box] = (),
        closely: bool = True,
    ) -> Veiled:
        """See Veiling."""
        ends = self._clock.monotonic() + self._within_s
        if not self._lock.acquire(timeout=self._within_s):
            log.warning("no time to look for faces: the picture is made coarse")
            return _unsearched(picture)
        try:
            found = search(self._ready(), picture, lambda: self._clock.monotonic() > ends, closely)
        except (BeffroiError, cv2.error) as error:
            self._drop()
            log.error("faces cannot be looked for: the picture is made coarse", error=str(error))
            return _unsearched(picture)
        finally:
            self._lock.release()
        return _searched(picture, found, clear, also)

    def close(self) -> None:
        """Free the detector; it is made anew where another picture comes."""
        with self._lock:
            self._drop()

    def _ready(self) -> FaceDetector:
        if self._detector is None:
            self._detector = self._make_detector()
        return self._detector

    def _drop(self) -> None:
        if self._detector is not None:
            self._detector.close()
        self._detector = None


def veil_of(blur: bool, threads: Optional[int], clock: Clock) -> Veiling:
    """The veil that the configuration asks for (`faces.blur`, `faces.threads`); nothing is loaded yet."""
    return Veil(lambda: eager_detector(threads), clock) if blur else UNVEILED


def eager_detector(threads: Optional[int] = None) -> FaceDetector:
    """YuNet on ONNX Runtime, sooner convinced than by its own threshold: a blot too many costs less than a
    face too many. Raises BundleError."""
    bundle = load_bundle("yunet", "face-detection")
    thresholds = {**bundle.manifest.thresholds, "score": LEAST}
    bundle = replace(bundle, manifest=bundle.manifest.model_copy(update={"thresholds": thresholds}))
    return YuNet(bundle, OnnxRuntimeSession(bundle, threads))


def _searched(picture: Picture, found: Search, clear: Sequence[Box], also: Sequence[Box]) -> Veiled:
    faces = without(merged(found.faces), clear)
    heads = merged([*faces, *also])
    if found.missed_px is None:
        return Veiled(covered(picture, picture, heads), faces)
    log.warning("little time to look for faces: parts of the picture are made coarse")
    canvas = coarse(picture, found.missed_px / _CELLS_OF_A_FACE)
    for part in found.closely:
        rows, columns = slice(part.top, part.bottom), slice(part.left, part.right)
        canvas[rows, columns] = picture[rows, columns]
    return Veiled(covered(canvas, picture, heads), faces, _HURRIED)


def _unsearched(picture: Picture) -> Veiled:
    return Veiled(coarse(picture, picture.shape[0] / _ROWS), (), _UNSEARCHED)
