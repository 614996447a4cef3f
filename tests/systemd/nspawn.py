"""A machine of the tests' own: systemd-nspawn boots a copy of this one, which is thrown away afterwards."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional

import psutil

from tests.systemd.cell import CONTROLLERS, Cell, NoCellError
from tests.systemd.furnish import furnish

CHECKOUT = Path(__file__).parents[2]
CHECKOUT_INSIDE = "/srv/checkout"
"""Where a machine sees the checkout, read-only."""

PATIENCE_S = 60.0
_ENVIRON = {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}

_TIED = ("setpriv", "--pdeathsig", "KILL")
"""What so begins ends with the process that started it; nsenter's commands else do not."""

_NSPAWN = (
    *("systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit"),
    *("--private-network", "--notify-ready=yes"),
)

Entry = Dict[str, Any]
"""A line of the journal with its fields: MESSAGE, PRIORITY, _SYSTEMD_UNIT, ..."""


def obstacle() -> Optional[str]:
    """Why no machine can be booted here; None where nothing is known to be in the way."""
    if os.geteuid() != 0:
        return "booting a machine needs root"
    for tool, package in (("systemd-nspawn", "systemd-container"), ("setpriv", "util-linux")):
        if shutil.which(tool) is None:
            return f"{tool} is not installed (apt-get install {package})"
    return None


class Machine:
    """Booted when entered, powered off and removed when left.

    It has a loopback interface only, none of this machine's enabled services, and no trace of an installed
    Beffroi. `binds` are further folders of this machine that it sees, read-only: inside -> outside.
    Raises NoCellError where this machine cannot lay an overlay over its root.
    """

    def __init__(self, binds: Optional[Mapping[str, Path]] = None) -> None:
        self._binds = {CHECKOUT_INSIDE: CHECKOUT, **(binds or {})}
        self._cell = Cell()
        self._leader: Optional[int] = None
        self._nspawn: Optional[subprocess.Popen[bytes]] = None
        self._started: List[subprocess.Popen[str]] = []
        self._thread: Optional[threading.Thread] = None
        self._heard: List[Entry] = []
        self._changed = threading.Condition()
        furnish(self._cell.root)

    def __enter__(self) -> Machine:
        try:
            self._boot()
            self._follow_journal()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._started:
            self.kill(process)
        if self._thread is not None:
            self._thread.join(PATIENCE_S)
        try:
            if self._leader is not None and self._nspawn is not None:
                self.run("systemctl", "poweroff", check=False)
                with suppress(subprocess.TimeoutExpired):
                    self._nspawn.wait(PATIENCE_S)
        finally:
            self._leader = None
            self._cell.clear()
            if self._nspawn is not None:
                self._nspawn.wait(PATIENCE_S)

    def path(self, inside: str) -> Path:
        """The path, on this machine, of a file of the other."""
        root = self._cell.root if self._leader is None else Path(f"/proc/{self._leader}/root")
        return root / inside.lstrip("/")

    def made(self) -> List[Path]:
        """The files that were made or changed there, relative to its root."""
        return self._cell.made()

    def write(self, inside: str, text: str, mode: int = 0o644) -> None:
        """Put a file there, with the folders that it needs."""
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)

    def popen(self, *argv: str) -> subprocess.Popen[str]:
        """Start a command as root there, and read what it prints; killed when the machine is left."""
        process = subprocess.Popen(self._command(*argv), env=_ENVIRON, text=True, stdout=subprocess.PIPE)
        self._started.append(process)
        return process

    def kill(self, process: subprocess.Popen[str]) -> None:
        """Kill what `popen` started: not nsenter, but the command behind it, which nsenter then buries.

        The power-off would else wait until this machine's init has.
        """
        if process.poll() is None:
            nsenter = psutil.Process(process.pid)
            for command in nsenter.children() or [nsenter]:
                command.kill()
        process.wait(PATIENCE_S)

    def run(
        self, *argv: str, check: bool = True, timeout_s: float = PATIENCE_S
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as root there; where it fails and `check` is set, the test fails, with its words."""
        done = subprocess.run(
            self._command(*argv),
            env=_ENVIRON,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        assert not check or done.returncode == 0, f"{argv}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def systemctl(self, *argv: str, check: bool = True) -> str:
        """What systemctl prints."""
        return self.run("systemctl", *argv, check=check).stdout.strip()

    def show(self, unit: str, name: str) -> str:
        """One property of a unit: ActiveState, NRestarts, MainPID, ..."""
        return self.systemctl("show", "--value", "--property", name, unit)

    def entries(self, unit: str) -> List[Entry]:
        """What the journal holds of a unit so far: its own words, and systemd's about it."""
        with self._changed:
            return [entry for entry in self._heard if unit in (entry.get("_SYSTEMD_UNIT"), entry.get("UNIT"))]

    def journal(self, unit: str) -> List[str]:
        """The messages of `entries`."""
        return [str(entry.get("MESSAGE", "")) for entry in self.entries(unit)]

    def wait_until(self, condition: Callable[[], bool], what: str, limit_s: float = PATIENCE_S) -> None:
        """Wait until it holds; looked at when the journal grows, and now and then. Fails after `limit_s`."""
        deadline = time.monotonic() + limit_s
        while not condition():
            if time.monotonic() > deadline:
                with self._changed:
                    last = "\n".join(str(entry.get("MESSAGE")) for entry in self._heard[-30:])
                raise AssertionError(f"not within {limit_s:g} s: {what}; the journal ends with\n{last}")
            with self._changed:
                self._changed.wait(0.2)

    def _command(self, *argv: str) -> List[str]:
        assert self._leader is not None, "the machine is not running"
        return [*_TIED, "nsenter", "--target", str(self._leader), "--all", "--", *_TIED, *argv]

    def _boot(self) -> None:
        binds = [f"--bind-ro={outside}:{inside}" for inside, outside in self._binds.items()]
        command = [*_NSPAWN, f"--machine={self._cell.name}", f"--directory={self._cell.root}", *binds]
        enter = "".join(f"echo $$ > '{group}/cgroup.procs'; " for group in self._cell.groups)
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as notify:
            notify.bind(str(self._cell.folder / "notify"))
            notify.settimeout(0.5)
            with (self._cell.folder / "console").open("wb") as console:
                self._nspawn = subprocess.Popen(
                    ["setpriv", "--pdeathsig", "TERM", "sh", "-c", f'{enter}exec "$@"', "sh", *command],
                    env={**os.environ, "NOTIFY_SOCKET": str(self._cell.folder / "notify")},
                    stdin=subprocess.DEVNULL,
                    stdout=console,
                    stderr=subprocess.STDOUT,
                )
            self._leader = self._wait_booted(notify)
        self._take_controllers()

    def _wait_booted(self, notify: socket.socket) -> int:
        leader = 0
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and self._nspawn is not None and self._nspawn.poll() is None:
            with suppress(socket.timeout):
                for line in notify.recv(4096).decode().splitlines():
                    if line.startswith("X_NSPAWN_LEADER_PID="):
                        leader = int(line.partition("=")[2])
                    elif line == "READY=1":
                        return leader
        console = (self._cell.folder / "console").read_text(encoding="utf-8", errors="replace")
        raise AssertionError(f"the machine does not boot:\n{console[-2000:]}")

    def _take_controllers(self) -> None:
        """With the old controllers, which nspawn mounts read-only, systemd limits devices and memory."""
        mounted = [f"/sys/fs/cgroup/{one}" for one in CONTROLLERS]
        for place in filter(lambda one: self.path(one).is_dir(), mounted):
            self.run("mount", "-o", "remount,bind,rw", place)
        self.systemctl("daemon-reexec")

    def _follow_journal(self) -> None:
        reader = self.popen("journalctl", "--follow", "--no-tail", "--output=json", "--all")
        self._thread = threading.Thread(
            target=self._read_journal, args=(reader,), name="journal", daemon=True
        )
        self._thread.start()

    def _read_journal(self, reader: subprocess.Popen[str]) -> None:
        assert reader.stdout is not None
        with reader.stdout as lines:
            for line in lines:
                with self._changed:
                    self._heard.append(json.loads(line))
                    self._changed.notify_all()


__all__ = ["CHECKOUT", "CHECKOUT_INSIDE", "PATIENCE_S", "Entry", "Machine", "NoCellError", "obstacle"]
