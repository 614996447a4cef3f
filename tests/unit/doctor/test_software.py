from __future__ import annotations

from pathlib import Path
from typing import Dict, Tuple, Union

import pytest

from agent.device.commands import Answer
from agent.doctor import software
from tests.fakes.device_tree import Tree, orin, pc, xavier_nx
from tests.unit.doctor.subjects import FAILED, NOT_APPLICABLE, OK, WARNING, held, subject

TENSORRT = {"python tensorrt": "version 8.5.2.2", "python pycuda.driver": "version 2022.1"}
NO_MODULE = Answer(1, "Traceback\nModuleNotFoundError: No module named 'tensorrt'")


def test_which_device(tmp_path: Path) -> None:
    held(software.device(subject(xavier_nx(tmp_path / "a").root)), OK, "Jetson Xavier NX Developer Kit")
    held(software.device(subject(pc(tmp_path / "b").root)), NOT_APPLICABLE, "not a Jetson")
    tree = orin(tmp_path / "c")
    tree.write("/proc/device-tree/model", "")
    held(software.device(subject(tree.root)), OK, "does not say its name")


def test_jetpack(tmp_path: Path) -> None:
    tree = xavier_nx(tmp_path)
    held(software.jetpack(subject(tree.root)), OK, "Jetson Linux 35.4.1", "JetPack 5.1.2")
    tree.packages({})
    held(software.jetpack(subject(tree.root)), OK, "without the package nvidia-jetpack")
    tree.write("/etc/nv_tegra_release", "# R32 (release), REVISION: 7.4, GCID: 1")
    held(software.jetpack(subject(tree.root)), FAILED, "32.7.4", "install JetPack 5.1")
    tree.write("/etc/nv_tegra_release", "# R50 (release), REVISION: 1.0, GCID: 1")
    held(software.jetpack(subject(tree.root)), WARNING, "50.1.0")
    held(software.jetpack(subject(Tree(tmp_path / "pc").root)), NOT_APPLICABLE)


@pytest.mark.parametrize(
    ("version", "status"), [((3, 7), FAILED), ((3, 8), OK), ((3, 13), OK), ((3, 14), WARNING)]
)
def test_python(tmp_path: Path, version: Tuple[int, int], status: object) -> None:
    finding = software.python(subject(pc(tmp_path).root), version)
    assert finding.status is status
    assert f"Python {version[0]}.{version[1]}" in finding.found


def test_tensorrt(tmp_path: Path) -> None:
    tree = xavier_nx(tmp_path)
    held(software.tensorrt(subject(tree.root, TENSORRT)), OK, "TensorRT 8.5.2.2, PyCUDA 2022.1")
    without_pycuda: Dict[str, Union[str, Answer]] = {
        **TENSORRT,
        "python pycuda.driver": Answer(1, "ImportError: libcuda.so.1"),
    }
    held(software.tensorrt(subject(tree.root, without_pycuda)), WARNING, "libcuda.so.1", "install PyCUDA")
    held(
        software.tensorrt(subject(tree.root, {"python tensorrt": NO_MODULE})),
        WARNING,
        "TensorRT 8.5.2 is installed",
        "Python 3.8",
        "--system-site-packages",
    )
    tree.packages({})
    held(software.tensorrt(subject(tree.root, {"python": NO_MODULE})), WARNING, "apt install nvidia-jetpack")


def test_tensorrt_of_a_release_of_the_future(tmp_path: Path) -> None:
    tree = xavier_nx(tmp_path)
    tree.write("/etc/nv_tegra_release", "# R50 (release), REVISION: 1.0, GCID: 1")
    held(software.tensorrt(subject(tree.root, {"python": NO_MODULE})), WARNING, "the system's version")


def test_tensorrt_on_a_pc(tmp_path: Path) -> None:
    tree = pc(tmp_path)
    held(software.tensorrt(subject(tree.root, {"python": NO_MODULE})), NOT_APPLICABLE, "ONNX Runtime")
    held(software.tensorrt(subject(tree.root, TENSORRT)), OK)


def test_cuda(tmp_path: Path) -> None:
    held(software.cuda(subject(orin(tmp_path / "a").root)), OK, "CUDA 12.6")
    held(software.cuda(subject(pc(tmp_path / "b").root)), NOT_APPLICABLE)
    tree = xavier_nx(tmp_path / "c")
    tree.write("/usr/local/cuda/version.json", "{}")
    held(software.cuda(subject(tree.root)), WARNING, "nvidia-jetpack")
