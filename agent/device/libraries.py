"""CUDA, TensorRT and PyCUDA: which versions are here, and whether this Python can import them."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import Optional

from agent.device.commands import Ask
from agent.device.jetson import installed
from agent.device.root import Root

_PROBE = (
    "import importlib, sys; module = importlib.import_module(sys.argv[1]); "
    "top = sys.modules[sys.argv[1].split('.')[0]]; "
    "print('version', getattr(top, '__version__', None) or getattr(top, 'VERSION_TEXT', '?'))"
)
_PROBED = re.compile(r"^version (\S{1,64})$", re.MULTILINE)
_NVCC = re.compile(r"release (\d{1,4}\.\d{1,4})")
_CUDART = re.compile(r"libcudart\.so\.(\d{1,4}\.\d{1,4})(?:\.\d+)*$")
_CUDART_PLACES = ("/usr/local/cuda/lib64/libcudart.so.*", "/usr/local/cuda/targets/*/lib/libcudart.so.*")
_NVINFER = ("libnvinfer8", "libnvinfer10", "libnvinfer11")
_REASON = 200


@dataclass(frozen=True)
class Imported:
    """The version of a module, or why it cannot be imported."""

    version: Optional[str]
    why: str = ""


def imported(module: str, ask: Ask) -> Imported:
    """Tried in a process of its own: a library of the wrong CUDA can take the process with it."""
    answer = ask([sys.executable, "-c", _PROBE, module])
    if answer is None:
        return Imported(None, "importing it took too long")
    found = _PROBED.search(answer.text)
    if answer.code == 0 and found is not None:
        return Imported(found[1])
    if answer.code < 0:
        return Imported(None, f"importing it ended Python with signal {-answer.code}")
    last = answer.text.splitlines()[-1] if answer.text else f"exit code {answer.code}"
    return Imported(None, last[:_REASON])


def tensorrt_package(root: Root) -> Optional[str]:
    """The version of TensorRT that JetPack's packages brought; None where there is none."""
    versions = installed(root, _NVINFER)
    return max(versions.values(), key=len).split("-")[0] if versions else None


def cuda(root: Root, ask: Ask) -> Optional[str]:
    """CUDA's version by its own file, its run-time library or its compiler."""
    try:
        version = json.loads(root.text("/usr/local/cuda/version.json") or "")["cuda"]["version"]
        if isinstance(version, str) and version:
            return version[:20]
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    for place in _CUDART_PLACES:
        for path in root.find(place):
            found = _CUDART.search(path)
            if found is not None:
                return found[1]
    answer = ask(["nvcc", "--version"])
    told = _NVCC.search(answer.text) if answer is not None else None
    return told[1] if told is not None else None
