"""The unit file keeps to what the daemon does."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from agent.service import STOP_WITHIN_S

UNIT = Path(__file__).parents[3] / "systemd" / "beffroi.service"


@pytest.fixture
def service() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # systemd's keys have capitals
    parser.read(UNIT)
    return parser["Service"]


def test_systemd_waits_for_ready_and_watches(service: configparser.SectionProxy) -> None:
    assert service["Type"] == "notify"
    assert 0 < int(service["WatchdogSec"]) <= 60
    assert service["Restart"] == "always"


def test_it_is_given_the_time_that_the_agent_takes_to_stop(service: configparser.SectionProxy) -> None:
    assert int(service["TimeoutStopSec"]) > 2 * STOP_WITHIN_S


def test_a_reload_is_the_signal_that_the_daemon_reloads_on(service: configparser.SectionProxy) -> None:
    assert service["ExecReload"].endswith("-HUP $MAINPID")


def test_a_restart_waits_for_no_limit(service: configparser.SectionProxy) -> None:
    assert "StartLimitIntervalSec=0" in UNIT.read_text()
    assert 0 < int(service["RestartSec"]) <= 5


def test_the_data_folder_of_the_default_settings_is_writable(service: configparser.SectionProxy) -> None:
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path) -> None:
    # verify wants the program to exist
    text = UNIT.read_text().replace("/opt/beffroi/current/venv/bin/beffroi", "/bin/true")
    (tmp_path / "beffroi.service").write_text(text)
    checked = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / "beffroi.service")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "beffroi.service" not in checked.stderr, checked.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_counts_little_exposure() -> None:
    counted = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", str(UNIT)],
        capture_output=True,
        text=True,
        check=False,
    )
    if "unrecognized option" in counted.stderr:
        pytest.skip("this systemd-analyze does not read a unit from a file")
    assert counted.returncode == 0, counted.stdout[-200:]
