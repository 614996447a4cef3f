"""Which backend runs a bundle: one literal table, imported only when used.

A new backend is one file, one line here and one test file.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, Optional

import structlog
from typing_extensions import Protocol

from agent.config.settings import FireSettings, TensorRtSettings
from agent.domain.evidence import ModelInfo
from agent.errors import BeffroiError, BundleError, InferenceError
from agent.inference.backend import Session
from agent.inference.bundle import Bundle, load_bundle
from agent.inference.closer import Closer
from agent.inference.engines import EmptyShelf, EngineShelf
from agent.inference.faces import DlibFace, PortraitFirst, YuNet
from agent.inference.fire import FireClassifier
from agent.inference.object_bundle import object_bundle
from agent.inference.objects import YoloX
from agent.inference.shared import Seen, Telling
from agent.inference.twice_seen import TwiceSeen, fusion_of
from agent.ports import FireDetector, ObjectDetector

log = structlog.get_logger(__name__)

_PORTRAIT, _SMALL_PHOTO = "yunet-portrait", 320
"""The detector of small photos, and how many pixels their longer side has: it shrinks them by a fifth at
most."""

_NO_TENSORRT, _NO_ENGINES = TensorRtSettings(), EmptyShelf()


@dataclass(frozen=True)
class _Wish:
    """What a backend may need to run a bundle; `setting` is where the configuration chose it."""

    bundle: Bundle
    setting: str
    threads: Optional[int]
    tensorrt: TensorRtSettings
    shelf: EngineShelf


class FaceModels(Protocol):
    """What the configuration's section `faces` says of the models."""

    @property
    def detector(self) -> str: ...

    @property
    def backend(self) -> str: ...

    @property
    def threads(self) -> Optional[int]: ...


class ObjectModels(Protocol):
    """What the configuration's section `objects` says of the model."""

    @property
    def bundle(self) -> str: ...

    @property
    def backend(self) -> str: ...

    @property
    def threads(self) -> Optional[int]: ...


def load_fire_detector(
    settings: FireSettings,
    tensorrt: TensorRtSettings = _NO_TENSORRT,
    shelf: EngineShelf = _NO_ENGINES,
    boxes: Optional[ObjectModels] = None,
    home: Optional[Path] = None,
    seen: Optional[Seen] = None,
) -> FireDetector:
    """The configured classifier, ready to look; to be used by the thread that calls this.

    Where `boxes` names a model that boxes flames or smoke, `settings.boxes` is on and weights were chosen for
    the two, both look; in any other case the classifier alone. Where `settings.closer` is on, it looks closer
    at what might burn. `home` is as in `load_object_detector`; `seen` is told what is boxed. Raises
    BundleError; where `settings.backend` is tensorrt also InferenceError, EngineError and StoreError.
    """
    bundle = load_bundle(settings.bundle, "fire-classification")
    wish = _Wish(bundle, "fire.backend", settings.threads, tensorrt, shelf)
    classifier = FireClassifier(bundle, _BACKENDS[settings.backend](wish))
    detector = _twice_seen(classifier, settings, tensorrt, shelf, boxes, home, seen)
    return Closer(detector, classifier) if settings.closer else detector


def _twice_seen(
    classifier: FireClassifier,
    settings: FireSettings,
    tensorrt: TensorRtSettings,
    shelf: EngineShelf,
    boxes: Optional[ObjectModels],
    home: Optional[Path],
    seen: Optional[Seen],
) -> FireDetector:
    """The classifier, with the detector that boxes flames beside it where there is one."""
    if boxes is None or not settings.boxes:
        return classifier
    try:
        fusion = fusion_of(object_bundle(boxes.bundle, home).manifest, classifier.model)
        if fusion is not None:
            detector: ObjectDetector = load_object_detector(boxes, tensorrt, shelf, home)
            return TwiceSeen(classifier, detector if seen is None else Telling(detector, seen), fusion)
    except BundleError as error:
        log.info("fire is looked for without boxes", why=str(error))
    except BeffroiError as error:
        log.warning("fire is looked for without boxes", why=str(error))
    return classifier


def load_face_detector(
    settings: FaceModels,
    tensorrt: TensorRtSettings = _NO_TENSORRT,
    shelf: EngineShelf = _NO_ENGINES,
    score: Optional[float] = None,
) -> YuNet:
    """The configured detector of faces; as `load_fire_detector`, but with one thread if none are named.

    `score` is the least confidence of a face, the manifest's if left out.
    """
    bundle = load_bundle(settings.detector, "face-detection")
    wish = _Wish(bundle, "faces.backend", settings.threads or 1, tensorrt, shelf)
    return YuNet(bundle, _BACKENDS[settings.backend](wish), score)


def load_photo_detector(settings: FaceModels) -> PortraitFirst:
    """What finds faces in photos that people give, on the processor: a fast one in small photos, the
    configured detector in larger ones, and where there seems to be no face. Raises BundleError."""
    portrait, full = (_on_processor(name, settings) for name in (_PORTRAIT, settings.detector))
    return PortraitFirst(portrait, full, _SMALL_PHOTO)


def _on_processor(detector: str, settings: FaceModels) -> YuNet:
    from agent.inference.onnxruntime import OnnxRuntimeSession

    bundle = load_bundle(detector, "face-detection")
    return YuNet(bundle, OnnxRuntimeSession(bundle, settings.threads or 1))


def load_face_embedder(
    name_or_folder: str,
    settings: FaceModels,
    tensorrt: TensorRtSettings = _NO_TENSORRT,
    shelf: EngineShelf = _NO_ENGINES,
) -> DlibFace:
    """The embedder in that bundle, on the backend of `settings`; as `load_face_detector`."""
    bundle = load_bundle(name_or_folder, "face-embedding")
    wish = _Wish(bundle, "faces.backend", settings.threads or 1, tensorrt, shelf)
    return DlibFace(bundle, _BACKENDS[settings.backend](wish))


def load_object_detector(
    settings: ObjectModels,
    tensorrt: TensorRtSettings = _NO_TENSORRT,
    shelf: EngineShelf = _NO_ENGINES,
    home: Optional[Path] = None,
) -> YoloX:
    """The configured detector of objects; as `load_face_detector`.

    `home` is where bundles that were made on this device are kept; see agent.inference.object_bundle.
    """
    bundle = object_bundle(settings.bundle, home)
    wish = _Wish(bundle, "objects.backend", settings.threads or 1, tensorrt, shelf)
    return YoloX(bundle, _BACKENDS[settings.backend](wish))


def probe_fire_model(
    settings: FireSettings,
    tensorrt: TensorRtSettings = _NO_TENSORRT,
    shelf: EngineShelf = _NO_ENGINES,
) -> ModelInfo:
    """Load the configured classifier once and say what it is; raises where it cannot run, see above."""
    with closing(load_fire_detector(settings, tensorrt, shelf)) as detector:
        return detector.model


def _onnxruntime(wish: _Wish) -> Session:
    from agent.inference.onnxruntime import OnnxRuntimeSession

    return OnnxRuntimeSession(wish.bundle, wish.threads)


def _tensorrt(wish: _Wish) -> Session:
    from agent.inference.tensorrt.modules import find_modules
    from agent.inference.tensorrt.session import TensorRtSession

    modules = find_modules()
    engine = wish.shelf.plan(wish.bundle)
    if engine is None:
        raise InferenceError(
            f"there is no engine of {wish.bundle.manifest.name} for this device yet: run `beffroi engines "
            f"build`, or set {wish.setting} to auto, which looks with ONNX Runtime until then"
        )
    session = TensorRtSession(modules, wish.bundle, engine, wish.tensorrt.dla_core)
    log.info("TensorRT looks", engine=engine.key, precision=engine.precision, version=modules.version)
    return session


def _auto(wish: _Wish) -> Session:
    """TensorRT where it works; where it does not, the agent must look all the same."""
    from agent.inference.tensorrt.modules import NoTensorRtError

    try:
        return _tensorrt(wish)
    except NoTensorRtError as error:
        log.info("ONNX Runtime looks: there is no TensorRT", why=str(error))
    except BeffroiError as error:
        log.warning("ONNX Runtime looks: TensorRT cannot", why=str(error))
    return _onnxruntime(wish)


_BACKENDS: Dict[str, Callable[[_Wish], Session]] = {
    "auto": _auto,
    "onnxruntime": _onnxruntime,
    "tensorrt": _tensorrt,
}
