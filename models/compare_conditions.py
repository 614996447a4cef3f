"""Under which conditions bundles were compared: data, machine, versions, date."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, Mapping, Optional

import cv2
import numpy as np
import onnxruntime

from agent.device import jetson
from agent.device.root import Root
from agent.version import VERSION


@dataclass(frozen=True)
class Conditions:
    """`date` is UTC, ISO 8601; `counts` what is in the pictures; `cores` are those that this process may use;
    `load` is how many processes wanted a core on average in the minute before (getloadavg)."""

    date: str
    data: str
    split: Optional[str]
    part: Optional[str]
    pictures: int
    counts: Dict[str, int]
    machine: str
    cores: int
    load: float
    versions: Dict[str, str]
    rounds: int
    seed: int

    def as_dict(self) -> Dict[str, Any]:
        """For JSON."""
        return asdict(self)

    def lines(self) -> Dict[str, str]:
        """For people, by what they tell."""
        counted = ", ".join(f"{count} {what}" for what, count in self.counts.items())
        part = f", part {self.part} of {self.split}" if self.split else ""
        return {
            "Data": f"{self.data}{part}",
            "Pictures": f"{self.pictures}: {counted}",
            "Machine": f"{self.machine}, {self.cores} cores, load {self.load:.1f} at the start",
            "Versions": ", ".join(f"{name} {version}" for name, version in self.versions.items()),
            "Date": self.date,
            "Rounds of timing, seed": f"{self.rounds}, {self.seed}",
        }


def conditions(
    pictures: int,
    counts: Mapping[str, int],
    data: Path,
    split: Optional[Path],
    part: str,
    load: float,
    rounds: int,
    seed: int,
) -> Conditions:
    """As they are now; `part` counts where there is a split."""
    return Conditions(
        date=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%MZ"),
        data=str(data),
        split=None if split is None else str(split),
        part=None if split is None else part,
        pictures=pictures,
        counts=dict(counts),
        machine=machine(Root()),
        cores=len(os.sched_getaffinity(0)),
        load=load,
        versions={
            "Beffroi": VERSION,
            "Python": platform.python_version(),
            "ONNX Runtime": onnxruntime.__version__,
            "NumPy": np.__version__,
            "OpenCV": cv2.__version__,
        },
        rounds=rounds,
        seed=seed,
    )


def machine(root: Root) -> str:
    """What the device tree calls the board, or else the processor's name, or else its architecture."""
    processor = re.search(r"^model name\s*: (.+)$", root.text("/proc/cpuinfo") or "", re.MULTILINE)
    return jetson.model(root) or (processor[1].strip() if processor else platform.machine())
