"""The annotated film that `beffroi watch --save` writes: faces in it are under a veil."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Deque, Dict, Iterator, List, Optional, Sequence, Tuple, Type

import av
import av.error
import cv2
import numpy as np

from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.domain.geometry import Line
from agent.domain.incident import Change
from agent.domain.zone import Zone
from agent.errors import BeffroiError
from agent.faces.veil import UNVEILED, Veiling
from agent.pipeline.watch import Step
from agent.ports import Picture
from agent.vision.annotate import annotate
from agent.vision.mask import NO_MASKS, Masks
from agent.vision.overlay import overlaid

_TICKS = 90_000
_LINGERS_S = 0.5
_CODECS = ("libx264", "h264", "mpeg4")
_CALM, _DANGER = (90, 160, 60), (40, 40, 225)


class Film:
    """An MP4 at the pace of the source: under the masks, the things with their tracks, the flames and smoke
    of the last look (or roughly where it burns), zones and lines, the danger as a bar and the worst open
    incident as a banner. Sizes are rounded down to even numbers, as the codec asks. Raises BeffroiError where
    it cannot be written.

    A face is veiled for half a second after it was last found, where it was: a film shows in one frame what
    was missed in the next. Small faces are looked for only in the frames that were looked at for fire.
    """

    def __init__(
        self,
        path: Path,
        veil: Veiling = UNVEILED,
        masks: Masks = NO_MASKS,
        zones: Sequence[Zone] = (),
        lines: Sequence[Line] = (),
    ) -> None:
        self._path = path
        self._veil = veil
        self._masks = masks
        self._zones = zones
        self._lines = lines
        self._faces: Deque[Tuple[float, Sequence[Box]]] = deque()
        with self._writing():
            path.write_bytes(b"")  # FFmpeg would find out at the first frame only
            self._container = av.open(str(path), "w", format="mp4")
        self._stream: Any = None
        self._last_pts = -1
        self._open: Dict[str, Change] = {}
        self._burning: Sequence[Detection] = ()

    def __enter__(self) -> Film:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        with self._writing():
            if self._stream is not None:
                self._container.mux(self._stream.encode())
            self._container.close()

    def add(self, step: Step) -> None:
        """Append one frame."""
        for change in step.changes:
            self._open.pop(change.incident.id, None)
            if not change.incident.state.closed:
                self._open[change.incident.id] = change
        also = self._lately(step.frame.media_s)
        masked = self._masks.over(step.frame.camera, step.frame.pixels)
        veiled = self._veil.over(masked, also=also, closely=step.scores is not None)
        self._faces.append((step.frame.media_s, veiled.faces))
        if step.scores is not None:
            self._burning = step.scores.where
        picture = overlaid(veiled.picture, step.things, self._zones, self._lines, self._burning)
        worst = max(self._open.values(), key=lambda change: change.incident.severity.rank, default=None)
        if worst is not None:
            picture = annotate(picture, worst, step.frame.camera, veiled.note)
        height, width = picture.shape[0] // 2 * 2, picture.shape[1] // 2 * 2
        if self._stream is None:
            self._stream = self._open_stream(width, height)
        if (height, width) != (self._stream.height, self._stream.width):
            resized = cv2.resize(picture, (self._stream.width, self._stream.height))
            picture = np.asarray(resized, np.uint8)
            height, width = self._stream.height, self._stream.width
        frame = av.VideoFrame.from_ndarray(_with_bar(picture[:height, :width], step.danger), format="bgr24")
        self._last_pts = max(self._last_pts + 1, round(step.frame.media_s * _TICKS))
        frame.pts = self._last_pts
        frame.time_base = Fraction(1, _TICKS)
        with self._writing():
            self._container.mux(self._stream.encode(frame))

    def _lately(self, media_s: float) -> List[Box]:
        while self._faces and self._faces[0][0] < media_s - _LINGERS_S:
            self._faces.popleft()
        return [face for _, faces in self._faces for face in faces]

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, av.error.FFmpegError) as error:
            raise BeffroiError(f"{self._path}: the film cannot be written: {error.strerror}") from error

    def _open_stream(self, width: int, height: int) -> Any:
        codec = next(name for name in _CODECS if name in av.codecs_available)
        stream: Any = self._container.add_stream(codec, rate=30)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, _TICKS)
        return stream


def _with_bar(picture: Picture, danger: float) -> Picture:
    """A copy with a bar at the foot: its length is the danger, 0..1, its colour how bad that is."""
    canvas: Picture = np.array(picture, order="C")
    height, width = canvas.shape[:2]
    thick = max(4, height // 60)
    canvas[height - thick :] = (canvas[height - thick :] * 0.3).astype(np.uint8)
    colour = tuple(round(c + (d - c) * danger) for c, d in zip(_CALM, _DANGER))
    canvas[height - thick :, : round(width * danger)] = colour
    return canvas
