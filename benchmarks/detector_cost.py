"""What bundles of detectors cost, by the time that the published network takes in the same run.

    python -m benchmarks.detector_cost PARENT.onnx BUNDLE...

The networks take turns on one picture of noise, of the parent's size, on one thread of ONNX Runtime;
processor time counts little of what else the machine does. Of each bundle the ratio to the parent of the
same turn: quartiles.
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack, closing
from typing import Any, Dict, List

import numpy as np
import onnxruntime

from agent.inference.bundle import load_bundle
from agent.inference.onnxruntime import OnnxRuntimeSession

TURNS, WARM = 150, 10


def main(parent: str, names: List[str]) -> None:
    """Let them take turns, and print the ratios."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    published: Any = onnxruntime.InferenceSession(parent, options, providers=["CPUExecutionProvider"])
    given = published.get_inputs()[0]
    noise = np.random.default_rng(0).uniform(0, 255, given.shape).astype(np.float32)
    ratios: Dict[str, List[float]] = {name: [] for name in names}
    with ExitStack() as stack:
        bundles = {name: load_bundle(name, "object-detection") for name in names}
        sessions = {
            name: stack.enter_context(closing(OnnxRuntimeSession(bundle, 1)))
            for name, bundle in bundles.items()
        }
        for _ in range(TURNS):
            start = time.process_time()
            published.run(None, {given.name: noise})
            alone = time.process_time() - start
            for name, session in sessions.items():
                start = time.process_time()
                session.infer(noise)
                ratios[name].append((time.process_time() - start) / alone)
    for name, found in ratios.items():
        low, median, high = np.percentile(found[WARM:], [25, 50, 75])
        sys.stdout.write(f"{name}: {median:.3f} of the parent's time ({low:.3f} to {high:.3f})\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
