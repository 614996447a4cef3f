"""The files in which three machines tell about themselves, modelled on real ones, in a temporary tree.

The names of zones and cooling devices are those of JetPack 5 and 6; trip points and loads are plausible ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Optional, Sequence, Tuple

from agent.device.root import Root

Zone = Tuple[str, Optional[int], Dict[str, int]]
"""Its type, thousandths of a degree (None: the sensor gives nothing), trip points by kind."""


class Tree:
    """A machine; `write` changes what a file says, a missing folder is made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = Root(folder)

    def write(self, path: str, text: str) -> Path:
        place = self.folder / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        return place

    def node(self, path: str, mode: int = 0o660) -> Path:
        """A device node, as far as permissions go."""
        place = self.write(path, "")
        place.chmod(mode)
        return place

    def zones(self, zones: Sequence[Zone]) -> None:
        for number, (name, thousandths, trips) in enumerate(zones):
            folder = f"/sys/class/thermal/thermal_zone{number}"
            self.write(f"{folder}/type", f"{name}\n")
            self.write(f"{folder}/temp", "" if thousandths is None else f"{thousandths}\n")
            for trip, (kind, limit) in enumerate(trips.items()):
                self.write(f"{folder}/trip_point_{trip}_type", f"{kind}\n")
                self.write(f"{folder}/trip_point_{trip}_temp", f"{limit}\n")

    def cooling(self, states: Dict[str, int]) -> None:
        for number, (name, state) in enumerate(states.items()):
            folder = f"/sys/class/thermal/cooling_device{number}"
            self.write(f"{folder}/type", f"{name}\n")
            self.write(f"{folder}/cur_state", f"{state}\n")

    def processors(self, count: int, least: int, most: int) -> None:
        """The frequencies that each may run at, kHz."""
        for number in range(count):
            folder = f"/sys/devices/system/cpu/cpu{number}/cpufreq"
            self.write(f"{folder}/scaling_min_freq", f"{least}\n")
            self.write(f"{folder}/scaling_max_freq", f"{most}\n")

    def memory(self, total_kb: int, available_kb: int, swap_kb: int = 0, swap_free_kb: int = 0) -> None:
        self.write(
            "/proc/meminfo",
            f"MemTotal:       {total_kb:8} kB\nMemFree:        {available_kb // 2:8} kB\n"
            f"MemAvailable:   {available_kb:8} kB\nHugePages_Total:       0\n"
            f"SwapTotal:      {swap_kb:8} kB\nSwapFree:       {swap_free_kb:8} kB\n",
        )

    def mounts(self, device: str, options: str = "rw,relatime") -> None:
        """The root file system on `device`, and what else is mounted on every Linux."""
        self.write(
            "/proc/self/mountinfo",
            f"25 1 259:1 / / {options} shared:1 - ext4 {device} rw\n"
            "26 25 0:22 / /proc rw,nosuid shared:5 - proc proc rw\n"
            "27 25 0:23 / /mnt/old\\040disk rw,nosuid - ext4 /dev/sdz1 rw\n",
        )

    def packages(self, versions: Dict[str, str]) -> None:
        """dpkg's list, with one package that was removed but left its configuration."""
        gone = "Package: old-thing\nStatus: deinstall ok config-files\nVersion: 1.0\n\n"
        self.write(
            "/var/lib/dpkg/status",
            gone
            + "".join(
                f"Package: {name}\nStatus: install ok installed\nPriority: optional\n"
                f"Description: text\n of more lines\nVersion: {version}\n\n"
                for name, version in versions.items()
            ),
        )


def xavier_nx(folder: Path) -> Tree:
    """A Xavier NX developer kit: JetPack 5.1.2, eMMC, 15 W with six cores."""
    tree = Tree(folder)
    tree.write("/proc/device-tree/model", "NVIDIA Jetson Xavier NX Developer Kit\0")
    tree.write(
        "/etc/nv_tegra_release",
        "# R35 (release), REVISION: 4.1, GCID: 33958178, BOARD: t186ref, EABI: aarch64, "
        "DATE: Tue Aug  1 19:57:35 UTC 2023\n",
    )
    tree.packages(
        {
            "nvidia-jetpack": "5.1.2-b104",
            "libnvinfer8": "8.5.2-1+cuda11.4",
            "libnvinfer-bin": "8.5.2-1+cuda11.4",
        }
    )
    tree.write(
        "/usr/local/cuda/version.json",
        '{"cuda": {"name": "CUDA SDK", "version": "11.4.19"}, "nvcc": {"version": "11.4.315"}}\n',
    )
    tree.write(
        "/etc/nvpmodel.conf",
        "# MAXN\n< PARAM TYPE=FILE NAME=CPU_ONLINE >\nCORE_0 /sys/devices/system/cpu/cpu0/online\n"
        "< POWER_MODEL ID=0 NAME=MODE_15W_2CORE >\nCPU_ONLINE CORE_0 1\n"
        "< POWER_MODEL ID=2 NAME=MODE_15W_6CORE >\n< POWER_MODEL ID=3 NAME=MODE_10W_2CORE >\n"
        "< POWER_MODEL ID=8 NAME=MODE_20W_6CORE >\n< PM_CONFIG DEFAULT=2 >\n",
    )
    tree.write("/var/lib/nvpmodel/status", "pmode:0008\n")
    tree.processors(6, 115200, 1420800)
    tree.zones(
        [
            ("CPU-therm", 45500, {"passive": 95500, "critical": 96000}),
            ("GPU-therm", 44000, {"passive": 95000, "critical": 95500}),
            ("AUX-therm", 43500, {"critical": 90000}),
            ("AO-therm", 44500, {}),
            ("PMIC-Die", 50000, {"critical": 120000}),
            ("thermal-fan-est", 44600, {"active": 51000}),
        ]
    )
    tree.cooling({"pwm-fan": 2, "gpu-balanced": 0, "cpu-balanced": 0, "emergency-balanced": 0})
    tree.write("/sys/class/devfreq/17000000.gv11b/device/load", "371\n")
    tree.memory(7_000_000, 4_500_000, 3_500_000, 3_400_000)
    tree.mounts("/dev/mmcblk0p1")
    tree.write("/sys/block/mmcblk0/device/life_time", "0x02 0x01\n")
    tree.write("/sys/block/mmcblk0/device/pre_eol_info", "0x01\n")
    for node in ("nvmap", "nvhost-ctrl", "nvhost-gpu", "nvhost-ctrl-gpu", "nvhost-as-gpu"):
        tree.node(f"/dev/{node}")
    _systemd(tree)
    return tree


def orin(folder: Path) -> Tree:
    """An Orin NX: JetPack 6.2, NVMe, MAXN, three engines switched off, an over-current counter."""
    tree = Tree(folder)
    tree.write("/proc/device-tree/model", "NVIDIA Jetson Orin NX Engineering Reference Developer Kit\0")
    tree.write(
        "/etc/nv_tegra_release",
        "# R36 (release), REVISION: 4.3, GCID: 38968081, BOARD: generic, EABI: aarch64, "
        "DATE: Wed Jan  8 01:49:37 UTC 2025\n# KERNEL_VARIANT: oot\nTARGET_USERSPACE_LIB_DIR=nvidia\n",
    )
    tree.packages({"nvidia-jetpack": "6.2+b77", "libnvinfer10": "10.3.0.30-1+cuda12.5"})
    tree.write("/usr/local/cuda/lib64/libcudart.so.12.6.68", "")
    tree.write(
        "/etc/nvpmodel.conf",
        "< POWER_MODEL ID=0 NAME=MAXN >\n< POWER_MODEL ID=1 NAME=10W >\n"
        "< POWER_MODEL ID=2 NAME=15W >\n< POWER_MODEL ID=3 NAME=25W >\n",
    )
    tree.write("/var/lib/nvpmodel/status", "pmode:0000\n")
    tree.processors(8, 1984000, 1984000)
    limits = {"active": 99000, "critical": 104500}
    tree.zones(
        [
            ("cpu-thermal", 51687, {"passive": 99000, **limits}),
            ("gpu-thermal", 48500, {"passive": 99000, **limits}),
            ("cv0-thermal", None, limits),
            ("cv1-thermal", -256000, limits),
            ("soc0-thermal", 49906, limits),
            ("tj-thermal", 51687, {"active": 85000, "critical": 105000}),
        ]
    )
    tree.cooling(
        {
            "pwm-fan": 3,
            "cpu-throttle-alert": 0,
            "gpu-throttle-alert": 0,
            "hot-surface-alert": 1,
            "cpufreq-cpu0": 0,
        }
    )
    for count in (1, 2, 3):
        tree.write(f"/sys/class/hwmon/hwmon1/oc{count}_event_cnt", "0\n")
    tree.write("/sys/class/devfreq/17000000.gpu/device/load", "0\n")
    tree.memory(15_600_000, 12_000_000)
    tree.mounts("/dev/nvme0n1p1")
    for node in ("nvmap", "nvhost-ctrl-gpu"):
        tree.node(f"/dev/{node}")
    _systemd(tree)
    return tree


def pc(folder: Path) -> Tree:
    """A laptop: a SATA disk, ACPI zones, no NVIDIA."""
    tree = Tree(folder)
    tree.packages({"libc6": "2.36-9+deb12u10"})
    tree.zones([("acpitz", 52000, {"critical": 110000}), ("x86_pkg_temp", 55000, {"passive": 0})])
    tree.cooling({"Processor": 0, "Fan": 1, "TCC Offset": 3, "intel_powerclamp": -1})
    tree.memory(16_000_000, 9_000_000, 2_000_000, 2_000_000)
    tree.mounts("/dev/sda1")
    _systemd(tree)
    return tree


def hostile(folder: Path) -> Tree:
    """A Xavier NX on which every file is binary junk."""
    tree = xavier_nx(folder)
    for number, path in enumerate(sorted(path for path in folder.rglob("*") if path.is_file())):
        path.write_bytes(bytes((7 * number + 31 * byte) % 256 for byte in range(3000)))
    return tree


def _systemd(tree: Tree) -> None:
    (tree.folder / "run/systemd/system").mkdir(parents=True)
    (tree.folder / "run/systemd/timesync").mkdir(parents=True)
    (tree.folder / "var/log/journal").mkdir(parents=True)
    tree.write("/run/systemd/timesync/synchronized", "")
