"""The power mode that nvpmodel set, those it offers, and whether jetson_clocks holds the clocks up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, Optional

from agent.device.commands import Ask
from agent.device.root import Root, whole

_STATUS = re.compile(r"pmode:\s*(\d{1,6})")
_MODEL = re.compile(r"<\s*POWER_MODEL\s+ID=(\d{1,6})\s+NAME=([\w.+-]{1,64})\s*>")
_ANSWER = re.compile(r"NV Power Mode:\s*([\w.+-]{1,64})\s*\n\s*(\d{1,6})")
_WATTS = re.compile(r"(?<![A-Z\d])(\d{1,4})W(?![A-Z])")
_UNLIMITED = 10_000


@dataclass(frozen=True)
class PowerMode:
    """The present mode, and the names of all by number; `name` is the number where no name is known."""

    id: int
    name: str
    offered: Dict[int, str]

    @property
    def stronger(self) -> Optional[int]:
        """The mode that may draw the most, where that is more than this one; None where this is it."""
        rated = {mode: _rating(name) for mode, name in self.offered.items()}
        best = max(rated, key=lambda mode: rated[mode], default=self.id)
        return best if rated.get(best, 0) > _rating(self.name) > 0 else None


def power_mode(root: Root, ask: Optional[Ask] = None) -> Optional[PowerMode]:
    """From nvpmodel's own files; where they tell nothing, `ask` runs `nvpmodel -q`."""
    offered = {int(number): name for number, name in _MODEL.findall(root.text("/etc/nvpmodel.conf") or "")}
    found = _STATUS.search(root.text("/var/lib/nvpmodel/status") or "")
    if found is not None:
        number = int(found[1])
        return PowerMode(number, offered.get(number, str(number)), offered)
    answer = ask(["nvpmodel", "-q"]) if ask is not None else None
    told = _ANSWER.search(answer.text) if answer is not None else None
    return PowerMode(int(told[2]), told[1], offered) if told is not None else None


def clocks_held(root: Root) -> Optional[bool]:
    """Whether every processor may run at its highest frequency alone, which is what jetson_clocks sets.

    None where the frequencies cannot be read.
    """
    held = []
    for folder in root.find("/sys/devices/system/cpu/cpu[0-9]*/cpufreq"):
        least = root.number(f"{folder}/scaling_min_freq")
        most = root.number(f"{folder}/scaling_max_freq")
        if least is not None and most is not None:
            held.append(least >= most)
    return all(held) if held else None


def _rating(name: str) -> int:
    """Watts by a mode's name, such as MODE_15W_6CORE, and the cores to tell modes of the same power apart."""
    if "MAXN" in name.upper():
        return _UNLIMITED * 100
    watts = _WATTS.search(name.upper())
    cores = re.search(r"(\d{1,3})CORE", name.upper())
    return int(watts[1]) * 100 + (whole(cores[1]) or 0 if cores else 0) if watts else 0
