"""The networks for faces, loaded as the configuration says, ready to read pictures."""

from __future__ import annotations

from agent.config.settings import Settings
from agent.faces.bundles import cache
from agent.faces.predictor import Predictor
from agent.faces.provision import face_bundle
from agent.faces.reader import FaceReader
from agent.inference.engines import EmptyShelf, EngineShelf
from agent.inference.registry import load_face_detector, load_face_embedder

_NO_ENGINES = EmptyShelf()


def load_reader(settings: Settings, shelf: EngineShelf = _NO_ENGINES) -> FaceReader:
    """To be used by the thread that calls this. Raises BundleError, where the embedder has to be made first
    and cannot be, too; InferenceError and EngineError where TensorRT is asked for and fails."""
    section = settings.faces
    folder = face_bundle(cache(settings), section.embedder)
    detector = load_face_detector(section, settings.tensorrt, shelf)
    try:
        embedder = load_face_embedder(str(folder), section, settings.tensorrt, shelf)
        return FaceReader(detector, embedder, Predictor(folder))
    except BaseException:
        detector.close()
        raise


def processor_reader(settings: Settings) -> FaceReader:
    """The same on ONNX Runtime, whatever the cameras use: any thread may use it. Raises BundleError."""
    faces = settings.faces.model_copy(update={"backend": "onnxruntime"})
    return load_reader(settings.model_copy(update={"faces": faces}))
