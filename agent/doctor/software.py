"""JetPack, Python, TensorRT and CUDA."""

from __future__ import annotations

import platform
import sys
from typing import Tuple

from agent.device import jetson, libraries
from agent.doctor.finding import Finding, failed, not_applicable, ok, warning
from agent.doctor.subject import Subject

_OLDEST = (3, 8)
_NEWEST_TESTED = (3, 13)
_OLDEST_JETPACK = 5
_PYTHON_OF = {5: "3.8", 6: "3.10", 7: "3.12"}
"""The Python that each JetPack's TensorRT is for."""


def device(subject: Subject) -> Finding:
    board = jetson.model(subject.root)
    if jetson.l4t(subject.root) is not None:
        return ok(board or "a Jetson whose board does not say its name")
    return not_applicable(f"not a Jetson: {board or platform.machine()}")


def jetpack(subject: Subject) -> Finding:
    release = jetson.l4t(subject.root)
    if release is None:
        return not_applicable("not a Jetson")
    package = jetson.installed(subject.root, ["nvidia-jetpack"]).get("nvidia-jetpack")
    found = f"Jetson Linux {release.version}, " + (
        f"JetPack {package.split('-')[0]}" if package else "without the package nvidia-jetpack"
    )
    if release.jetpack is None:
        return warning(found, "this version was not there when Beffroi was tested: watch how it does")
    if release.jetpack < _OLDEST_JETPACK:
        return failed(found, "install JetPack 5.1 or newer: Beffroi needs its Python 3.8")
    return ok(found)


def python(_subject: Subject, version: Tuple[int, int] = sys.version_info[:2]) -> Finding:
    found = f"Python {'.'.join(map(str, version))} at {sys.executable}"
    if version < _OLDEST:
        return failed(found, "make the agent's environment with Python 3.8 or newer")
    if version > _NEWEST_TESTED:
        return warning(found, "Beffroi is tested on 3.8 to 3.13: prefer one of these")
    return ok(found)


def tensorrt(subject: Subject) -> Finding:
    release = jetson.l4t(subject.root)
    there = libraries.imported("tensorrt", subject.ask)
    if there.version is not None:
        driver = libraries.imported("pycuda.driver", subject.ask)
        if driver.version is not None:
            return ok(f"TensorRT {there.version}, PyCUDA {driver.version}")
        return warning(
            f"TensorRT {there.version}, but PyCUDA cannot be imported: {driver.why}",
            "install PyCUDA into the agent's environment; until then ONNX Runtime runs the model",
        )
    if release is None:
        return not_applicable("TensorRT is not installed: ONNX Runtime runs the model on the processor")
    package = libraries.tensorrt_package(subject.root)
    if package is None:
        return warning("TensorRT is not installed", "sudo apt install nvidia-jetpack")
    wanted = _PYTHON_OF.get(release.jetpack or 0, "the system's version")
    return warning(
        f"TensorRT {package} is installed, but this Python cannot import it: {there.why}",
        f"make the agent's environment with Python {wanted} and --system-site-packages; until then ONNX "
        "Runtime runs the model on the processor",
    )


def cuda(subject: Subject) -> Finding:
    version = libraries.cuda(subject.root, subject.ask)
    if version is not None:
        return ok(f"CUDA {version}")
    if jetson.l4t(subject.root) is None:
        return not_applicable("CUDA is not installed")
    return warning("CUDA is not installed", "sudo apt install nvidia-jetpack")
