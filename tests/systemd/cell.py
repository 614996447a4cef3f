"""Where one machine of the tests lives: its disk, its control groups, and the clearing away of both.

A cell is locked by the process that made it. Whoever makes the next one clears away those whose lock is free:
their process was killed.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, Iterator, List, Optional

from tests.fakes.waiting import until

_BASE = Path(tempfile.gettempdir()) / "beffroi-nspawn"
_GROUPS = Path("/sys/fs/cgroup")
CONTROLLERS = ("devices", "memory", "pids")
"""What a machine is given of the old hierarchy, where there is one; the unified one it has in any case."""

_PROPAGATE = Path("/run/systemd/nspawn/propagate")


class NoCellError(Exception):
    """This machine cannot lay an overlay over its root."""


class Cell:
    """A root that begins as a copy of this machine's and takes its own writes, in memory.

    `groups` are control groups of its own: systemds that share one kill each other's services.
    """

    def __init__(self) -> None:
        """Raises NoCellError; leaves nothing behind then."""
        _BASE.mkdir(mode=0o700, exist_ok=True)
        with (_BASE / "lock").open("w") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            _sweep()
            self.folder = _BASE / f"{os.getpid()}-{secrets.token_hex(4)}"
            self.folder.mkdir()
            self._lock: Optional[IO[str]] = (self.folder / "lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.name = f"beffroi-{self.folder.name}"
        self.root = self.folder / "disk" / "root"
        try:
            self.groups = _make_groups(self.folder)
            _lay_overlay(self.folder / "disk")
        except (OSError, subprocess.CalledProcessError) as error:
            self.clear()
            reason = getattr(error, "stderr", None) or error
            raise NoCellError(f"no overlay of / can be made here: {str(reason).strip()}") from error

    def made(self) -> List[Path]:
        """The files written there, relative to its root; what was removed there is not among them."""
        upper = self.folder / "disk" / "upper"
        written = (path for path in upper.rglob("*") if not path.is_char_device())  # OverlayFS's whiteouts
        return [path.relative_to(upper) for path in written]

    def clear(self) -> None:
        """Kill what still runs in it and remove it; may be called twice."""
        if self._lock is not None:
            _clear(self.folder)
            self._lock.close()
            self._lock = None


def _lay_overlay(disk: Path) -> None:
    disk.mkdir()
    _mount("-t", "tmpfs", "-o", "size=8g,mode=755", "beffroi-nspawn", disk)
    for part in ("upper", "work", "root"):
        (disk / part).mkdir()
    layers = f"lowerdir=/,upperdir={disk / 'upper'},workdir={disk / 'work'}"
    _mount("-t", "overlay", "-o", layers, "overlay", disk / "root")


def _mount(*arguments: object) -> None:
    command = ["mount", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, text=True)


def _make_groups(folder: Path) -> List[Path]:
    made = [own / f"beffroi-{folder.name}" for own in _own_groups()]
    for group in made:
        group.mkdir()
    return made


def _own_groups() -> Iterator[Path]:
    """This process's group in each hierarchy that systemd uses."""
    for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            unified = _GROUPS / "unified"
            yield (unified if unified.is_dir() else _GROUPS) / path.lstrip("/")
        elif controllers == "name=systemd" or controllers in CONTROLLERS:
            yield _GROUPS / controllers.replace("name=", "") / path.lstrip("/")


def _sweep() -> None:
    for folder in _BASE.iterdir():
        if not folder.is_dir():
            continue
        with (folder / "lock").open("w") as lock, suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _clear(folder)


def _clear(folder: Path) -> None:
    groups = [found for found in _below(_GROUPS) if found.name == f"beffroi-{folder.name}"]
    until(lambda: not any(_kill(group) for group in groups), f"the processes of {folder.name} end")
    for group in groups:
        for inner in sorted(_below(group), reverse=True):
            with suppress(FileNotFoundError):
                inner.rmdir()
    for mount in (folder / "disk" / "root", folder / "disk"):
        if mount.is_mount():
            subprocess.run(["umount", "--lazy", str(mount)], check=False, capture_output=True)
    shutil.rmtree(str(folder), ignore_errors=True)
    with suppress(OSError):
        (_PROPAGATE / f"beffroi-{folder.name}").rmdir()


def _below(group: Path) -> List[Path]:
    """A control group and those in it. Those that end meanwhile are no error, as they would be for a glob."""
    return [Path(folder) for folder, _, _ in os.walk(group)]


def _kill(group: Path) -> bool:
    """Kill everything in a control group; true where there was something."""
    found = False
    for inner in _below(group):
        with suppress(FileNotFoundError):
            for process in (inner / "cgroup.procs").read_text(encoding="ascii").split():
                found = True
                with suppress(ProcessLookupError):
                    os.kill(int(process), signal.SIGKILL)
    return found
