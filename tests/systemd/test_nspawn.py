"""The machines themselves: apart from this one and from each other, and gone afterwards."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from tests.systemd.cell import Cell
from tests.systemd.nspawn import CHECKOUT, CHECKOUT_INSIDE, Machine


def test_a_machine_runs_systemd_and_nothing_of_this_one(machine: Machine) -> None:
    assert machine.run("cat", "/proc/1/comm").stdout == "systemd\n"
    assert machine.systemctl("is-system-running") == "running"
    assert (
        machine.path(f"{CHECKOUT_INSIDE}/pyproject.toml").read_text()
        == (CHECKOUT / "pyproject.toml").read_text()
    )


def test_what_it_writes_stays_there(machine: Machine) -> None:
    machine.run("sh", "-c", "echo hello > /etc/greeting")
    assert machine.path("/etc/greeting").read_text() == "hello\n"
    assert not Path("/etc/greeting").exists()


def test_the_journal_tells_what_a_unit_says(machine: Machine) -> None:
    machine.run("systemd-run", "--unit=speaker", "--quiet", "echo", "good evening")
    machine.wait_until(lambda: "good evening" in machine.journal("speaker.service"), "it speaks")


def test_its_systemd_keeps_devices_and_memory_from_services(machine: Machine) -> None:
    machine.run("sh", "-c", "mknod -m 666 /dev/probe-disk b 7 0 || :")
    closed = ("systemd-run", "--quiet", "--wait", "--pipe", "--property=DevicePolicy=closed")
    assert "not permitted" in machine.run(*closed, "head", "-c1", "/dev/probe-disk", check=False).stderr
    little = ("systemd-run", "--quiet", "--wait", "--pipe", "--property=MemoryMax=8M")
    assert machine.run(*little, "head", "-c", "100M", "/dev/zero", check=False).returncode == 0
    hungry = machine.run(*little, "sh", "-c", "x=$(yes | head -c 100M)", check=False)
    assert hungry.returncode != 0
    machine.systemctl("reset-failed")


def test_two_machines_do_not_know_each_other(machine: Machine, clean_machine: Machine) -> None:
    machine.run("systemd-run", "--unit=neighbour", "--quiet", "sleep", "1000")
    assert clean_machine.systemctl("is-active", "neighbour", check=False) == "inactive"
    assert machine.show("neighbour", "ActiveState") == "active"
    machine.systemctl("stop", "neighbour")


def test_what_a_killed_run_left_is_cleared_away_by_the_next(machine: Machine) -> None:
    script = (
        "from tests.systemd.nspawn import Machine\nMachine().__enter__()\nprint('up', flush=True)\ninput()"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=str(CHECKOUT),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdin is not None
    assert run.stdout is not None
    with run.stdin, run.stdout:
        assert run.stdout.readline() == "up\n"
        run.send_signal(signal.SIGKILL)
        run.wait()
    left = f"beffroi-nspawn/{run.pid}-"
    assert left in Path("/proc/self/mounts").read_text()
    Cell().clear()
    assert left not in Path("/proc/self/mounts").read_text()
    assert machine.run("echo", "well").stdout == "well\n", "one that is in use is left alone"
