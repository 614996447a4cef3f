from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from agent.device.commands import Answer
from agent.doctor import system
from tests.fakes.clock import FakeClock
from tests.fakes.device_tree import Tree, pc
from tests.unit.doctor.subjects import FAILED, NEVER_US, NOT_APPLICABLE, OK, WARNING, held, subject


def test_the_clock(tmp_path: Path) -> None:
    root = pc(tmp_path).root
    held(system.clock(subject(root)), OK)
    held(system.clock(subject(root, kernel_error_us=lambda: NEVER_US)), WARNING, "timedatectl set-ntp true")
    lost = FakeClock(datetime(1970, 1, 1, tzinfo=timezone.utc))
    held(system.clock(subject(root, clock=lost, kernel_error_us=lambda: NEVER_US)), FAILED, "1970-01-01")
    held(
        system.clock(subject(Tree(tmp_path / "x").root, kernel_error_us=lambda: None)),
        WARNING,
        "nothing tells",
    )


@pytest.mark.parametrize(
    ("enabled", "active", "status", "word"),
    [
        (Answer(0, "enabled"), Answer(0, "active"), OK, "is active and enabled"),
        (Answer(1, "disabled"), Answer(0, "active"), WARNING, "systemctl enable beffroi"),
        (Answer(0, "enabled"), Answer(3, "inactive"), WARNING, "enable --now"),
        (Answer(1, "disabled"), Answer(3, "inactive"), WARNING, "enable --now"),
        (Answer(0, "enabled"), Answer(3, "failed"), FAILED, "journalctl -u beffroi"),
        (Answer(0, "enabled"), Answer(3, "activating"), OK, "activating"),
        (Answer(1, "No such file or directory"), Answer(3, "inactive"), NOT_APPLICABLE, "not installed"),
        (Answer(1, ""), Answer(3, ""), NOT_APPLICABLE, "not installed"),
        (Answer(0, ""), Answer(0, ""), WARNING, "unknown"),
    ],
)
def test_the_service(tmp_path: Path, enabled: Answer, active: Answer, status: object, word: str) -> None:
    answers = {"systemctl is-enabled beffroi.service": enabled, "systemctl is-active beffroi.service": active}
    finding = system.service(subject(pc(tmp_path).root, answers))
    assert finding.status is status, finding
    assert word in f"{finding.found} {finding.remedy}"


def test_systemctl_that_does_not_answer(tmp_path: Path) -> None:
    held(system.service(subject(pc(tmp_path).root)), WARNING, "does not answer")


def test_the_journal(tmp_path: Path) -> None:
    tree = pc(tmp_path)
    held(system.journal(subject(tree.root)), OK)
    (tmp_path / "var/log/journal").rmdir()
    held(system.journal(subject(tree.root)), WARNING, "mkdir -p /var/log/journal")


def test_without_systemd(tmp_path: Path) -> None:
    examined = subject(Tree(tmp_path).root)
    held(system.service(examined), NOT_APPLICABLE)
    held(system.journal(examined), NOT_APPLICABLE)
