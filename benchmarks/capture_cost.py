"""What taking a camera in costs: GStreamer with FFmpeg's decoder beside PyAV, by turns, on the same streams.

    python -m benchmarks.capture_cost [SECONDS]

An RTSP server of its own sends a moving test pattern in H.264; every picture is decoded to BGR. Told is the
processor time of this process, all threads of it, as a share of one core: two turns of SECONDS each.
"""

from __future__ import annotations

import sys
import time
from typing import Callable, Dict, List, Tuple

from agent.clock import SystemClock
from agent.ports import Source
from agent.sources.gstreamer import GStreamerSource
from agent.sources.pyav import PyAvSource
from tests.fakes import gi_here
from tests.fakes.rtsp import RtspCamera, missing

_STREAMS = ((1280, 720, 15), (1920, 1080, 25))
_TURNS = 2
_WAYS: Dict[str, Callable[[str], Source]] = {
    "PyAV": lambda url: PyAvSource(url, live=True),
    "GStreamer": lambda url: GStreamerSource(url, SystemClock()),
}


def main(seconds: float) -> None:
    lacking = missing() or gi_here.missing()
    if lacking:
        sys.exit(lacking)
    print("| stream | way | pictures/s | share of one core, each turn |\n|---|---|---|---|")
    for width, height, fps in _STREAMS:
        told: Dict[str, List[Tuple[float, float]]] = {way: [] for way in _WAYS}
        with RtspCamera(width, height, fps) as camera:
            for _ in range(_TURNS):
                for way, make in _WAYS.items():
                    told[way].append(_turn(make(camera.url()), seconds))
        for way, turns in told.items():
            rates = ", ".join(f"{rate:.1f}" for rate, _ in turns)
            shares = ", ".join(f"{share:.1%}" for _, share in turns)
            print(f"| {width} x {height}, {fps}/s | {way} | {rates} | {shares} |")


def _turn(source: Source, seconds: float) -> Tuple[float, float]:
    """Pictures a second and share of one core, once it plays."""
    stream = source.open()
    try:
        stream.read()
        began, worked, pictures = time.monotonic(), time.process_time(), 0
        while time.monotonic() - began < seconds:
            stream.read()
            pictures += 1
        took_s = time.monotonic() - began
        return pictures / took_s, (time.process_time() - worked) / took_s
    finally:
        stream.close()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
