"""What passes between the daemon and systemd: notifications (man 3 sd_notify), and the log."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import IO, Mapping, Optional

_DATAGRAMS = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC


def goes_to_journal(stream: IO[str], environ: Mapping[str, str] = os.environ) -> bool:
    """Whether systemd connected the stream to its journal ($JOURNAL_STREAM in man 5 systemd.exec)."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):  # it has no descriptor
        return False
    return environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


class Notifier:
    """Tells systemd READY, WATCHDOG, RELOADING and STOPPING; does nothing where no systemd listens."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        if self._address.startswith("@"):
            self._address = "\0" + self._address[1:]
        self._watchdog_us = environ.get("WATCHDOG_USEC")

    @property
    def under_systemd(self) -> bool:
        return bool(self._address)

    @property
    def watchdog_s(self) -> Optional[float]:
        """Seconds within which systemd wants to hear from us; None where it does not watch."""
        return int(self._watchdog_us) / 1e6 if self._watchdog_us and self._address else None

    def ready(self, status: str) -> None:
        self._send(f"READY=1\nSTATUS={status}")

    def status(self, status: str) -> None:
        self._send(f"STATUS={status}")

    def watchdog(self) -> None:
        self._send("WATCHDOG=1")

    def reloading(self, monotonic_s: float) -> None:
        self._send(f"RELOADING=1\nMONOTONIC_USEC={int(monotonic_s * 1e6)}")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        # Watching for fire goes on whether or not whoever started us still listens.
        with suppress(OSError), socket.socket(socket.AF_UNIX, _DATAGRAMS) as link:
            link.setblocking(False)
            link.sendto(message.encode(), self._address)
