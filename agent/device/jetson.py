"""Which Jetson this is, and which JetPack is on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Collection, Dict, Optional

from agent.device.root import Root

_RELEASE = re.compile(r"#\s*R(\d{1,4})\s*\(release\),\s*REVISION:\s*(\d[\d.]{0,20})")
_FIELD = re.compile(r"(Package|Status|Version): (.{1,200})")
JETPACK_OF_L4T = {32: 4, 34: 5, 35: 5, 36: 6, 38: 7}
"""Major versions; from NVIDIA's JetPack archive."""


@dataclass(frozen=True)
class L4t:
    """Jetson Linux: `35` and `4.1` of 35.4.1."""

    major: int
    revision: str

    @property
    def version(self) -> str:
        return f"{self.major}.{self.revision}"

    @property
    def jetpack(self) -> Optional[int]:
        """JetPack's major version; None for one that came after this was written."""
        return JETPACK_OF_L4T.get(self.major)


def model(root: Root) -> Optional[str]:
    """What the device tree calls the board, such as `NVIDIA Jetson Xavier NX Developer Kit`."""
    return root.word("/proc/device-tree/model")


def l4t(root: Root) -> Optional[L4t]:
    """The release of Jetson Linux; None on anything but a Jetson."""
    found = _RELEASE.search(root.text("/etc/nv_tegra_release") or "")
    return L4t(int(found[1]), found[2].rstrip(".")) if found else None


def installed(root: Root, packages: Collection[str]) -> Dict[str, str]:
    """The versions of those Debian packages that are installed, from dpkg's own list."""
    versions: Dict[str, str] = {}
    package, there = "", False
    for line in root.lines("/var/lib/dpkg/status"):
        field = _FIELD.match(line)
        if field is None:
            continue
        if field[1] == "Package":
            package, there = field[2], False
        elif field[1] == "Status":
            there = field[2].endswith(" installed")
        elif there and package in packages:
            versions[package] = field[2]
    return versions
