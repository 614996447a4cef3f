from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agent.device import commands, libraries
from agent.device.commands import Answer
from agent.device.libraries import Imported
from tests.fakes.asking import Programs
from tests.fakes.device_tree import Tree, orin, pc, xavier_nx


def test_versions_of_the_packages(tmp_path: Path) -> None:
    nx, new, old = xavier_nx(tmp_path / "nx"), orin(tmp_path / "orin"), pc(tmp_path / "pc")
    assert libraries.tensorrt_package(nx.root) == "8.5.2"
    assert libraries.tensorrt_package(new.root) == "10.3.0.30"
    assert libraries.tensorrt_package(old.root) is None
    assert libraries.cuda(nx.root, Programs()) == "11.4.19"
    assert libraries.cuda(new.root, Programs()) == "12.6"
    assert libraries.cuda(old.root, Programs()) is None


def test_the_compiler_is_asked_last(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    programs = Programs({"nvcc --version": "Cuda compilation tools, release 11.4, V11.4.315"})
    assert libraries.cuda(tree.root, programs) == "11.4"
    tree.write("/usr/local/cuda/lib64/libcudart.so.11.0", "")
    tree.write("/usr/local/cuda/lib64/libcudart.so.junk", "")
    assert libraries.cuda(tree.root, programs) == "11.0"
    for junk in ("{}", '{"cuda": []}', '{"cuda": {"version": 3}}', "[" * 50_000):
        tree.write("/usr/local/cuda/version.json", junk)
        assert libraries.cuda(tree.root, programs) == "11.0"


def test_a_module_that_imports() -> None:
    assert libraries.imported("numpy", commands.ask).version == sys.modules["numpy"].__version__


def test_a_module_that_does_not() -> None:
    found = libraries.imported("no_such_module", commands.ask)
    assert found == Imported(None, "ModuleNotFoundError: No module named 'no_such_module'")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(-11, ""), "importing it ended Python with signal 11"),
        (Answer(1, ""), "exit code 1"),
        (Answer(0, "something else"), "something else"),
    ],
)
def test_a_module_that_takes_python_with_it(answer: Answer, why: str) -> None:
    assert libraries.imported("tensorrt", Programs({"python tensorrt": answer})) == Imported(None, why)


def test_a_module_that_hangs() -> None:
    assert libraries.imported("tensorrt", Programs()) == Imported(None, "importing it took too long")
