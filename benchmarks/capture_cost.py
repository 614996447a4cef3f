"""What it costs to take a camera in: PyAV beside GStreamer, by turns, on the same RTSP stream.

    python -m benchmarks.capture_cost [--seconds 8] [--rounds 3]

Prints a Markdown table: the median, over the rounds, of this process's CPU time (user and system) from H.264
over TCP to a BGR picture, in milliseconds a picture and as a share of one core at the camera's rate, with the
range. The camera is moving colour bars with a corner of snow, 2 Mbit/s at 720p and 4 Mbit/s at 1080p, served
by another process, whose time is not counted. CPU time is hardly changed by what else runs here; the pictures
a second show whether the camera kept its rate.
"""

from __future__ import annotations

import platform
import resource
import statistics
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Callable, Dict, List, Tuple

import av
import typer

from agent.clock import SystemClock
from agent.ports import Source
from agent.sources.gstreamer import GStreamerSource
from agent.sources.gstreamer.runtime import gstreamer
from agent.sources.pyav import PyAvSource
from tests.fakes.gstreamer import missing_gstreamer
from tests.fakes.rtsp import RtspCamera, missing

STREAMS = [(720, 15), (720, 25), (1080, 15), (1080, 25)]
SOURCES: Dict[str, Callable[[str], Source]] = {
    "PyAV": lambda url: PyAvSource(url, live=True),
    "GStreamer": lambda url: GStreamerSource(url, SystemClock()),
}
_WARM_UP = 15  # pictures


@dataclass(frozen=True)
class Turn:
    """CPU milliseconds a picture, and pictures a second."""

    cost_ms: float
    rate: float


def main(
    seconds: float = typer.Option(8.0, "--seconds", help="Length of each turn."),
    rounds: int = typer.Option(3, "--rounds", help="Turns of each decoder on each stream."),
) -> None:
    lacking = missing() or missing_gstreamer()
    if lacking:
        raise typer.BadParameter(lacking)
    turns: Dict[Tuple[int, int, str], List[Turn]] = {}
    with RtspCamera() as camera:
        for height, fps in STREAMS:
            url = camera.url(f"{height}p{fps}")
            for _ in range(rounds):
                for name, make in SOURCES.items():
                    turns.setdefault((height, fps, name), []).append(_turn(make(url), seconds))
    sys.stdout.write(_head() + "".join(_row(*key, turns[key]) for key in turns))


def _turn(source: Source, seconds: float) -> Turn:
    with closing(source.open()) as stream:
        for _ in range(_WARM_UP):
            stream.read()
        cpu_s, began, pictures = _cpu_s(), time.monotonic(), 0
        while time.monotonic() - began < seconds:
            stream.read()
            pictures += 1
        return Turn((_cpu_s() - cpu_s) * 1000 / pictures, pictures / (time.monotonic() - began))


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _head() -> str:
    gst = gstreamer("benchmark")
    cpu = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(": ")[2] for line in cpu if line.startswith("model name")]
    return (
        f"{datetime.now(timezone.utc):%Y-%m-%d}, {models[0] if models else platform.machine()}, "
        f"Python {platform.python_version()}, "
        f"PyAV {av.__version__}, {gst.version_string()}\n\n"
        "| stream | decoder | CPU a picture | share of one core | range | pictures a second |\n"
        "|---|---|---|---|---|---|\n"
    )


def _row(height: int, fps: int, name: str, turns: List[Turn]) -> str:
    costs = sorted(turn.cost_ms for turn in turns)
    share = [cost * fps / 10 for cost in costs]
    cells = [
        f"{height}p, {fps} fps",
        name,
        f"{statistics.median(costs):.1f} ms",
        f"{statistics.median(share):.0f} %",
        f"{share[0]:.0f}-{share[-1]:.0f} %",
        f"{statistics.median(turn.rate for turn in turns):.1f}",
    ]
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    typer.run(main)
