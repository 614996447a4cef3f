"""The networks for faces, loaded as the configuration says, ready to read pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

from agent.config.settings import Settings
from agent.faces.among_people import AmongPeople
from agent.faces.bundles import cache
from agent.faces.predictor import Predictor
from agent.faces.provision import face_bundle
from agent.faces.reader import FaceReader
from agent.inference.engines import EmptyShelf, EngineShelf
from agent.inference.registry import (
    load_face_detector,
    load_face_embedder,
    load_object_detector,
    load_photo_detector,
)
from agent.ports import FaceDetector, FaceEmbedder

_NO_ENGINES = EmptyShelf()


def load_reader(settings: Settings, shelf: EngineShelf = _NO_ENGINES) -> FaceReader:
    """What reads the faces of streams; to be used by the thread that calls this.

    Raises BundleError, where the embedder has to be made first and cannot be, too; InferenceError and
    EngineError where TensorRT is asked for and fails.
    """
    section = settings.faces
    folder = face_bundle(cache(settings), section.embedder)
    detector = _stream_detector(settings, shelf)
    return _reader(
        detector, folder, lambda: load_face_embedder(str(folder), section, settings.tensorrt, shelf)
    )


def photo_reader(settings: Settings) -> FaceReader:
    """What reads the photos that people give, on ONNX Runtime whatever the cameras use, by any one thread.

    Raises BundleError.
    """
    faces = settings.faces.model_copy(update={"backend": "onnxruntime"})
    folder = face_bundle(cache(settings), faces.embedder)
    return _reader(load_photo_detector(faces), folder, lambda: load_face_embedder(str(folder), faces))


def _stream_detector(settings: Settings, shelf: EngineShelf) -> FaceDetector:
    if settings.faces.look_in == "picture":
        return load_face_detector(settings.faces, settings.tensorrt, shelf)
    people = load_object_detector(settings.objects, settings.tensorrt, shelf, cache(settings))
    try:
        return AmongPeople(people, load_face_detector(settings.faces, settings.tensorrt, shelf))
    except BaseException:
        people.close()
        raise


def _reader(detector: FaceDetector, folder: Path, embedder: Callable[[], FaceEmbedder]) -> FaceReader:
    try:
        return FaceReader(detector, embedder(), Predictor(folder))
    except BaseException:
        detector.close()
        raise
