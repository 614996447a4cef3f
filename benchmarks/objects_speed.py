"""What a look for objects takes, by step: pre-processing, network, decoding and suppression.

    python -m benchmarks.objects_speed BUNDLE PICTURES

BUNDLE is a name or a folder, PICTURES a folder of JPEG or PNG files, each looked at by itself. Milliseconds
of one processor a picture, which count little of what else the machine does: median, 95th percentile,
largest.
"""

from __future__ import annotations

import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Callable, Dict, List, TypeVar

import numpy as np

from agent.inference.bundle import load_bundle
from agent.inference.objects import YoloX
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.vision.preprocess import to_batch
from models.data import SUFFIXES, read_picture

T = TypeVar("T")
ROUNDS = 3


def main(name: str, folder: Path) -> None:
    """Look at every picture several times and print what each step took."""
    bundle = load_bundle(name, "object-detection")
    spec = bundle.manifest.input.spec
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    pictures = [picture for picture in map(read_picture, paths) if picture is not None]
    taken: Dict[str, List[float]] = {}

    def timed(step: str, work: Callable[[], T]) -> T:
        start = time.thread_time()
        result = work()
        taken.setdefault(step, []).append(1000 * (time.thread_time() - start))
        return result

    with closing(OnnxRuntimeSession(bundle, 1)) as session:
        detector = YoloX(bundle, session)
        detector.find(pictures[:1])
        for _ in range(ROUNDS):
            for picture in pictures:
                batch = timed("pre-processing", partial(to_batch, [picture], spec))
                (rows,) = timed("network", partial(session.infer, batch))
                timed("post-processing", partial(detector.things, picture, rows))
    for step, milliseconds in taken.items():
        figures = *np.percentile(milliseconds, [50, 95]), max(milliseconds)
        sys.stdout.write(f"{step:16} {' '.join(f'{figure:8.2f}' for figure in figures)}\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
