"""What every model tells of itself, and what none may say."""

from __future__ import annotations

from typing import Mapping

import numpy as np

from agent.domain.evidence import ModelInfo
from agent.errors import InferenceError
from agent.inference.backend import Result, Session
from agent.inference.bundle import Bundle


def model_info(bundle: Bundle, session: Session, thresholds: Mapping[str, float]) -> ModelInfo:
    """The bundle as `session` runs it, judged by these thresholds."""
    manifest = bundle.manifest
    return ModelInfo(manifest.name, manifest.sha256, session.backend, session.precision, dict(thresholds))


def refuse_no_numbers(result: Result, model: ModelInfo) -> None:
    """Raises InferenceError where anything in `result` is infinite or no number."""
    if not np.isfinite(result).all():
        raise InferenceError(f"{model.bundle} gave values that are not numbers")
