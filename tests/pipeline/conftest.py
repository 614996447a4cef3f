"""A finished run of the tiny network on pictures of three colours, for whoever starts from one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes import class_folders
from tests.pipeline.verbs import TINY, verb


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return class_folders.make(tmp_path_factory.mktemp("pictures") / "colours", 30)


@pytest.fixture(scope="session")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    trained = verb(
        "train", "--data", data, "--out", folder, *TINY, "--body-rate", "0.03", "--epochs", 10,
        "--final-epochs", 0,
    )  # fmt: skip
    assert trained.returncode == 0, trained.stderr
    return folder
