"""How much memory a bundle takes, as a process of its own: `python -m models.compare_memory FOLDER`.

It loads the runtime, notes its peak, loads the bundle, looks a few times at one empty picture on one thread,
and prints by how many bytes the peak grew: weights, work space, and the runtime's code that only a network
brings in. The peak is VmHWM (man 5 proc): `ru_maxrss` would begin with that of the process that started this.
"""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import closing

import numpy as np

from agent.device.root import Root
from agent.inference.bundle import Bundle, load_bundle
from agent.inference.onnxruntime import OnnxRuntimeSession
from models.data import DataError

_LOOKS = 3


def peak_memory(bundle: Bundle, processes: int = 3) -> int:
    """Bytes that a process with `bundle` takes at most beyond the runtime's: the median of some processes.

    Raises DataError where such a process does not end well.
    """
    command = [sys.executable, "-m", __name__, str(bundle.folder)]
    grown = []
    for _ in range(processes):
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            why = (ran.stderr.splitlines() or [f"exit status {ran.returncode}"])[-1]
            raise DataError(f"{bundle.folder}: its memory cannot be measured: {why}")
        grown.append(int(ran.stdout))
    return sorted(grown)[processes // 2]


def growth(bundle: Bundle) -> int:
    """Bytes by which this process' peak grows as it loads `bundle` and looks."""
    given = bundle.manifest.input
    picture = np.zeros((1, 3, given.height, given.width), np.float32)
    before = _peak()
    with closing(OnnxRuntimeSession(bundle, 1)) as session:
        for _ in range(_LOOKS):
            session.infer(picture)
    return _peak() - before


def _peak(root: Root = Root()) -> int:
    """The most that this process ever held in memory at once, in bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", root.text("/proc/self/status") or "")
    if found is None:
        raise DataError("/proc/self/status has no VmHWM: memory is measured on Linux")
    return int(found[1]) * 1024


if __name__ == "__main__":
    sys.stdout.write(f"{growth(load_bundle(sys.argv[1]))}\n")
