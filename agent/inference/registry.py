"""Which backend runs a bundle: one literal table, imported only when used.

A new backend is one file, one line here and one test file.
"""

from __future__ import annotations

from contextlib import closing
from typing import Callable, Dict, Optional

from agent.config.settings import FireSettings
from agent.domain.evidence import ModelInfo
from agent.inference.backend import Session
from agent.inference.bundle import Bundle, load_bundle
from agent.inference.fire import FireClassifier


def load_fire_detector(settings: FireSettings) -> FireClassifier:
    """The configured classifier, ready to look; to be used by the thread that calls this.

    Raises BundleError.
    """
    bundle = load_bundle(settings.bundle)
    return FireClassifier(bundle, _BACKENDS[settings.backend](bundle, settings.threads))


def probe_fire_model(settings: FireSettings) -> ModelInfo:
    """Load the configured classifier once and say what it is; raises BundleError where it cannot run."""
    with closing(load_fire_detector(settings)) as detector:
        return detector.model


def _onnxruntime(bundle: Bundle, threads: Optional[int]) -> Session:
    from agent.inference.onnxruntime import OnnxRuntimeSession

    return OnnxRuntimeSession(bundle, threads)


_BACKENDS: Dict[str, Callable[[Bundle, Optional[int]], Session]] = {
    "auto": _onnxruntime,
    "onnxruntime": _onnxruntime,
}
