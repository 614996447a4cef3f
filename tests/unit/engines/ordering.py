"""Configurations, orders and sessions that the engines' tests share."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List

import cv2
import numpy as np

from agent.config.settings import Settings
from agent.engines.calibrate import FOLDER, LEAST
from agent.inference.backend import Result, Session
from agent.inference.bundle import Bundle
from agent.inference.engines import Engine
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.vision.preprocess import Batch


def settings(folder: Path, bundle: Bundle, backend: str = "auto", **tensorrt: Any) -> Settings:
    """One camera; `tensorrt` is that section."""
    return Settings.model_validate(
        {
            "cameras": [{"id": "gate", "url": "scene:"}],
            "fire": {"bundle": str(bundle.folder), "backend": backend},
            "store": {"folder": str(folder)},
            "tensorrt": {"precision": "fp32", **tensorrt},
        }
    )


def calibration(folder: Path, number: int = LEAST) -> None:
    """So many pictures to calibrate by in a data folder."""
    (folder / FOLDER / "calm").mkdir(parents=True, exist_ok=True)
    for each in range(number):
        picture = np.full((24, 32, 3), each, np.uint8)
        cv2.imwrite(str(folder / FOLDER / "calm" / f"{each:03}.png"), picture)


class Bent:
    """Implements Session: what ONNX Runtime says, bent by `by` towards the first label, for larger batches
    than `spares`."""

    backend = "bent"
    precision = "fp32"

    def __init__(self, session: Session, by: float, spares: int = 0) -> None:
        self._session, self._by, self._spares = session, by, spares
        self.closed = False

    def infer(self, batch: Batch) -> Result:
        result = self._session.infer(batch)
        if len(batch) > self._spares:
            result = result + np.array([self._by, 0.0, 0.0], np.float32)
        return result

    def infer_all(self, batch: Batch) -> List[Result]:
        return [self.infer(batch), *self._session.infer_all(batch)[1:]]

    def close(self) -> None:
        self.closed = True
        self._session.close()


def same(bundle: Bundle, engine: Engine) -> Session:
    """An engine that sees just what ONNX Runtime sees."""
    return OnnxRuntimeSession(bundle)
