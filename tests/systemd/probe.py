"""Run in the service's place, in its sandbox: tries many things, and prints what came of each as JSON."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import socket
import tempfile
from pathlib import Path
from typing import Callable, Dict

_CLONE_NEWUSER = 0x10000000
_PERSONALITY_READ_IMPLIES_EXEC = 0x0400000
_MOUNT_BIND = 4096

libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    tries: Dict[str, Callable[[], object]] = {
        "write /etc": lambda: Path("/etc/probe").write_text("x"),
        "write /opt": lambda: Path("/opt/beffroi/probe").write_text("x"),
        "write /proc/sys": lambda: Path("/proc/sys/kernel/hostname").write_text("x"),
        "write the data": lambda: Path("/var/lib/beffroi/probe").write_text("x"),
        "write the cache": lambda: Path("/var/cache/beffroi/probe").write_text("x"),
        "write a temporary file": lambda: tempfile.TemporaryFile().close(),
        "see another's temporary file": lambda: Path("/tmp/theirs").stat(),
        "see /home": lambda: Path("/home/somebody").stat(),
        "see /root": lambda: list(Path("/root").iterdir()),
        "see init": lambda: Path("/proc/1").stat(),
        "read the secrets": lambda: Path("/etc/beffroi/secrets.env").read_text(),
        "read the credential": lambda: Path(os.environ["CREDENTIALS_DIRECTORY"], "secrets.env").read_text(),
        "read the configuration": lambda: Path("/etc/beffroi/beffroi.yaml").read_text(),
        "open a disk": lambda: os.open("/dev/probe-disk", os.O_RDONLY),
        "open /dev/null": lambda: os.close(os.open("/dev/null", os.O_RDWR)),
        "make a set-uid file": lambda: _set_uid(Path("/var/lib/beffroi/probe")),
        "change an owner": lambda: os.chown("/var/lib/beffroi/probe", 0, 0),
        "unshare": lambda: _call(libc.unshare, _CLONE_NEWUSER),
        "mount": lambda: _call(libc.mount, b"/tmp", b"/tmp", None, _MOUNT_BIND, None),
        "personality": lambda: _call(libc.personality, _PERSONALITY_READ_IMPLIES_EXEC),
        "reach the CSI cameras": _argus,
        "packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close(),
        "netlink socket": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
        "resolve a name": lambda: socket.getaddrinfo("localhost", 1883),
        "be nice": lambda: os.nice(1),
    }
    print(json.dumps({"tries": {what: _try(it) for what, it in tries.items()}, "status": _status()}))


def _try(it: Callable[[], object]) -> str:
    try:
        it()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    return "done"


def _call(function: Callable[..., int], *arguments: object) -> None:
    if function(*arguments) == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _argus() -> None:
    with socket.socket(socket.AF_UNIX) as link:
        link.connect("/tmp/argus_socket")


def _set_uid(path: Path) -> None:
    path.chmod(0o4755)


def _status() -> Dict[str, str]:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    fields = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    return {name: fields[name] for name in ("Uid", "CapEff", "CapBnd", "NoNewPrivs", "Seccomp")}


if __name__ == "__main__":
    main()
