"""Whether the agent's user may write its data and open its devices, and whether others may read secrets."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import List

from agent.device import disk, jetson
from agent.doctor.finding import Finding, failed, not_applicable, ok, warning
from agent.doctor.subject import SECRETS, Subject

_NODES = ("nvmap", "nvhost-ctrl", "nvhost-gpu", "nvhost-ctrl-gpu", "nvhost-as-gpu")
"""What CUDA opens on a Jetson; which of them are there depends on JetPack, nvmap always is."""

_USB = re.compile(r"(?:usb:)?(\d+|/dev/video\d+)")
_FROM_FILE = re.compile(r"""file:([^\s"'#,\]}]+)""")


def data_folder(subject: Subject) -> Finding:
    if subject.settings is None:
        return not_applicable("no configuration")
    folder, account = subject.data_folder.absolute(), subject.account
    place = disk.nearest(folder)
    if not account.may(place, "rwx"):
        what = "write there" if place == folder.resolve() else f"make it in {place}"
        return failed(
            f"{folder}: the user {account.name} may not {what}",
            f"sudo install -d -o {account.name} -m 750 {folder}, or choose another store.folder",
        )
    strange = [path for path in sorted(place.glob("beffroi.db*")) if not account.may(path, "rw")]
    if strange:
        return failed(
            f"{strange[0]} may not be written by the user {account.name}: somebody else made it",
            f"sudo chown -R {account.name}: {place}",
        )
    return ok(f"{folder}: the user {account.name} may write there")


def secrets(subject: Subject) -> Finding:
    """The files that hold passwords: for their owner alone."""
    files = [path for path in _secret_files(subject) if path.is_file()]
    if not files:
        return not_applicable("no file holds secrets alone")
    for path in files:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o007:
            return failed(f"{path} (mode {mode:04o}) is open to every user", f"sudo chmod 600 {path}")
    for path in files:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o070:
            return warning(f"{path} (mode {mode:04o}) is open to a group", f"sudo chmod 600 {path}")
    return ok(f"{', '.join(str(path) for path in files)}: closed to others")


def devices(subject: Subject) -> Finding:
    wanted = _cameras(subject)
    if jetson.l4t(subject.root) is not None:
        there = [f"/dev/{node}" for node in _NODES if subject.root.exists(f"/dev/{node}")]
        if "/dev/nvmap" not in there:
            return failed(
                "/dev/nvmap is missing", "the GPU's driver is not loaded: `sudo dmesg | grep nvgpu`"
            )
        wanted = there + wanted
    if not wanted:
        return not_applicable("no Jetson and no USB camera")
    for node in wanted:
        if not subject.root.exists(node):
            return failed(
                f"{node} is missing", "plug the camera in; `v4l2-ctl --list-devices` shows those there are"
            )
        if not subject.account.may(subject.root.path(node), "rw"):
            name = subject.account.name
            return failed(
                f"the user {name} may not open {node}",
                f"sudo usermod -aG video,render {name}, then restart the agent",
            )
    return ok(f"the user {subject.account.name} may open {', '.join(wanted)}")


def _cameras(subject: Subject) -> List[str]:
    found = []
    for camera in subject.settings.cameras if subject.settings is not None else []:
        match = _USB.fullmatch(camera.url.get_secret_value())
        if camera.enabled and match is not None:
            found.append(f"/dev/video{match[1]}" if match[1].isdecimal() else match[1])
    return found


def _secret_files(subject: Subject) -> List[Path]:
    files = {subject.root.path(str(SECRETS)): None}
    path = subject.configuration.path
    if path is not None and path.is_file():
        names = _FROM_FILE.findall(path.read_text(encoding="utf-8", errors="replace"))
        files.update({path.parent / name: None for name in [SECRETS.name, *names]})
    return list(files)
