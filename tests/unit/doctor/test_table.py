from __future__ import annotations

import re
from pathlib import Path
from typing import Callable

import pytest

from agent.clock import SystemClock
from agent.doctor.finding import Status
from agent.doctor.running import run_all
from agent.doctor.table import CHECKS, checks_of
from tests.fakes.device_tree import Tree, hostile, orin, pc, xavier_nx
from tests.unit.doctor.subjects import settings, subject

DOCUMENT = Path(__file__).parents[3] / "docs" / "doctor.md"


@pytest.mark.parametrize("make", [xavier_nx, orin, pc, hostile, Tree])
def test_whatever_the_machine_no_check_breaks(tmp_path: Path, make: Callable[[Path], Tree]) -> None:
    examined = subject(make(tmp_path).root, settings=settings(tmp_path / "data"))
    results = run_all(checks_of(examined), SystemClock())
    assert [result.name for result in results] == list(CHECKS)
    for result in results:
        assert "the check itself failed" not in result.finding.found, result
        assert "no answer within" not in result.finding.found, result


def test_a_healthy_jetson_has_nothing_to_complain_of(tmp_path: Path) -> None:
    answers = {
        "python tensorrt": "version 8.5.2.2",
        "python pycuda.driver": "version 2022.1",
        "systemctl is-enabled": "enabled",
        "systemctl is-active": "active",
    }
    examined = subject(xavier_nx(tmp_path).root, answers)
    found = {result.name: result.finding for result in run_all(checks_of(examined), SystemClock())}
    bad = {name: each for name, each in found.items() if each.status in (Status.WARNING, Status.FAILED)}
    assert bad == {}
    assert [name for name, each in found.items() if each.status is Status.NOT_APPLICABLE] == [
        *("configuration", "secrets", "data-folder", "database", "retention", "engine")
    ]


def test_the_document_describes_every_check() -> None:
    described = re.findall(r"^\| `([a-z-]+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert described == [*CHECKS, "camera", "broker", "telegram"]
