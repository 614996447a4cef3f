"""The disk that a folder is on: how it is mounted, how full it is, and how worn."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from agent.device.commands import Ask
from agent.device.root import Root, whole

_ESCAPED = re.compile(r"\\([0-7]{3})")
_EMMC = re.compile(r"/dev/(mmcblk\d+)(?:p\d+)?")
_NVME = re.compile(r"/dev/(nvme\d+)n\d+(?:p\d+)?")
_FAILING = 0b101  # NVMe: spare blocks below their threshold, or reliability degraded
_STEP = 0.1
_MOST_STEPS = 11


@dataclass(frozen=True)
class Mount:
    """Where a file system hangs, and what it is: `ext4` on `/dev/mmcblk0p1`."""

    point: str
    kind: str
    device: str
    read_only: bool


@dataclass(frozen=True)
class Space:
    """Bytes of a file system; `free` is what the agent's user may still use."""

    total: int
    used: int
    free: int


@dataclass(frozen=True)
class Wear:
    """The share of its guaranteed life that a disk has behind it (1 and more: all of it), and whether the
    disk itself says that its spare blocks run out."""

    used: float
    failing: bool


def nearest(folder: Path) -> Path:
    """The folder, or the first one above it that is there."""
    place = folder.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    return place.resolve()


def space(folder: Path) -> Space:
    """Raises OSError where the disk does not answer."""
    found = shutil.disk_usage(str(folder))
    return Space(found.total, found.used, found.free)


def mount_of(root: Root, folder: Path) -> Optional[Mount]:
    """The file system that holds an existing folder, from /proc/self/mountinfo (man 5 proc)."""
    best: Optional[Mount] = None
    for line in root.lines("/proc/self/mountinfo"):
        mount = _mount(line)
        if mount is None or not _within(str(folder), mount.point):
            continue
        if best is None or len(mount.point) >= len(best.point):
            best = mount
    return best


def wear(root: Root, device: str, ask: Optional[Ask] = None) -> Optional[Wear]:
    """eMMC by its registers; NVMe by `nvme` or `smartctl`, which want root. None where nothing tells."""
    emmc, nvme = _EMMC.fullmatch(device), _NVME.fullmatch(device)
    if emmc is not None:
        return _emmc(root, f"/sys/block/{emmc[1]}/device")
    if nvme is not None and ask is not None:
        return _nvme(ask, f"/dev/{nvme[1]}")
    return None


def _emmc(root: Root, folder: str) -> Optional[Wear]:
    """JEDEC eMMC 5.0: two estimates in steps of a tenth, 0x0B beyond; spare blocks 1 fine, 2 and 3 not."""
    steps = [whole(part) for part in (root.word(f"{folder}/life_time") or "").split()]
    known = [step for step in steps if step is not None and 0 < step <= _MOST_STEPS]
    if not known:
        return None
    spare = root.number(f"{folder}/pre_eol_info")
    return Wear(round(max(known) * _STEP, 2), spare in (2, 3))


def _nvme(ask: Ask, device: str) -> Optional[Wear]:
    for command in (
        ["nvme", "smart-log", device, "--output-format=json"],
        ["smartctl", "--json", "--all", device],
    ):
        answer = ask(command)
        if answer is None:
            continue
        try:
            told = json.loads(answer.text[answer.text.index("{") :])
            log = told.get("nvme_smart_health_information_log", told)
            used = log.get("percent_used", log.get("percentage_used"))
            return Wear(int(used) / 100, bool(int(log.get("critical_warning", 0)) & _FAILING))
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            continue
    return None


def _mount(line: str) -> Optional[Mount]:
    before, _, after = line.partition(" - ")
    left, right = before.split(" "), after.split(" ")
    if len(left) < 6 or len(right) < 2:
        return None
    options = [*left[5].split(","), *(right[2].split(",") if len(right) > 2 else [])]
    return Mount(_plain(left[4]), right[0], _plain(right[1]), "ro" in options)


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), text)


def _within(folder: str, point: str) -> bool:
    return point == "/" or folder == point or folder.startswith(f"{point}/")
