"""INT8 for a bundle that is not quantised: TensorRT is shown pictures and finds the ranges itself.

The way of a DLA, which takes no Q/DQ. TensorRT 11 no longer has it.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator, List, Optional, Sequence

import cv2
import numpy as np

from agent.errors import EngineError
from agent.inference.bundle import Bundle
from agent.vision.preprocess import Batch, to_batch

FOLDER = "calibration"
"""Below the data folder: JPEG or PNG pictures from the device's own cameras, as many calm ones as burning."""

LEAST = 32
"""Fewer pictures leave ranges to chance; NVIDIA's samples use some hundreds."""

_SUFFIXES = (".jpg", ".jpeg", ".png")


def calibration_pictures(data_folder: Path) -> List[Path]:
    """The stored set, in order of name. Raises EngineError where it is too small to calibrate by."""
    folder = data_folder / FOLDER
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
    if len(found) < LEAST:
        raise EngineError(
            f"int8 is calibrated with pictures of this device's cameras: {folder} holds {len(found)}, put "
            f"{LEAST} or more there (JPEG or PNG, some hundreds are better), or name a quantised bundle"
        )
    return found


def digest(pictures: Sequence[Path]) -> str:
    """Sixteen hexadecimal digits over the pictures' bytes."""
    whole = hashlib.sha256()
    for path in pictures:
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


def batches(bundle: Bundle, pictures: Sequence[Path], size: int) -> Iterator[Batch]:
    """Full batches as the network takes them; pictures that cannot be read are left out."""
    spec = bundle.manifest.input.spec
    waiting: List[Batch] = []
    for path in pictures:
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if picture is None:
            continue
        waiting.append(to_batch([np.asarray(picture, np.uint8)], spec))
        if len(waiting) == size:
            yield np.concatenate(waiting)
            waiting.clear()


@contextmanager
def calibrator(trt: Any, cuda: Any, shown: Iterator[Batch], size: int, cache: Path) -> Iterator[Any]:
    """An IInt8EntropyCalibrator2 that shows batches of `size`, and keeps what was found in `cache`; for this
    thread, which has a CUDA context meanwhile."""
    context = cuda.Device(0).retain_primary_context()
    context.push()
    made = _make(trt, cuda, shown, size, cache)
    try:
        yield made
    finally:
        made.free()
        cuda.Context.pop()
        context.detach()


def _make(trt: Any, cuda: Any, shown: Iterator[Batch], size: int, cache: Path) -> Any:

    class Calibrator(trt.IInt8EntropyCalibrator2):  # type: ignore[misc]  # its base is known at run time only
        def __init__(self) -> None:
            trt.IInt8EntropyCalibrator2.__init__(self)
            self._memory: Any = None

        def free(self) -> None:
            if self._memory is not None:
                self._memory.free()

        def get_batch_size(self) -> int:
            return size

        def get_batch(self, names: List[str]) -> Optional[List[int]]:
            batch = next(shown, None)
            if batch is None:
                return None
            if self._memory is None:
                self._memory = cuda.mem_alloc(batch.nbytes)
            cuda.memcpy_htod(self._memory, np.ascontiguousarray(batch))
            return [int(self._memory)]

        def read_calibration_cache(self) -> Optional[bytes]:
            return cache.read_bytes() if cache.exists() else None

        def write_calibration_cache(self, data: Any) -> None:
            # Set aside first: TensorRT would take the half of a cache for the whole.
            aside = cache.with_name(cache.name + ".tmp")
            aside.parent.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(bytes(data))
            aside.replace(cache)

    return Calibrator()
