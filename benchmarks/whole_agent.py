"""The whole agent against the bare network, in one run on one machine.

    python -m benchmarks.whole_agent [--seconds 20] [--rounds 3] [--bundle fire-lite0] [--json]

Measures, on a generated 640 x 360 film:
- looks a second of the whole agent (decode, mailbox, policy, store, MQTT) with 1, 2 and 4 cameras, and of a
  bare loop over ONNX Runtime on the same frames and threads, by turns, and their ratio;
- the time from capture to PUBACK of incident updates, with snapshots, to a mosquitto on this machine;
- of `beffroi run`: seconds from start to the first look, and resident memory.

The classifier looks alone but for the last line, where the detector that ships looks, too.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import closing
from datetime import datetime, timezone
from fractions import Fraction
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import av
import numpy as np
import numpy.typing as npt
import onnxruntime
import psutil
import typer
from rich.console import Console

from agent import logs
from agent.clock import SystemClock
from agent.config.settings import Settings
from agent.demo.broker import broker
from agent.inference.bundle import load_bundle
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import Picture
from agent.service import Agent
from agent.store.database import open_for_reading
from agent.store.history import History
from agent.vision.preprocess import InputSpec, to_batch

_OFFERED = 120  # frames a second over all cameras: more than the network can take
_WARM_UP_S = 2.0
_FRAMES = 240

console = Console(stderr=True)


def main(
    seconds: float = typer.Option(20.0, "--seconds", help="Length of each measurement."),
    rounds: int = typer.Option(3, "--rounds", help="How often each is repeated."),
    threads: int = typer.Option(1, "--threads", help="Threads of ONNX Runtime, for both sides."),
    bundle: str = typer.Option("fire-lite0", "--bundle"),
    as_json: bool = typer.Option(False, "--json"),
) -> None:
    """Measure and print a Markdown table, or JSON."""
    logs.configure("warning")
    with tempfile.TemporaryDirectory(prefix="beffroi-bench-") as made:
        folder = Path(made)
        frames = _frames()
        result: Dict[str, Any] = {
            "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
            "date": f"{datetime.now(timezone.utc):%Y-%m-%d}",
            "versions": {"python": platform.python_version(), "onnxruntime": onnxruntime.__version__},
            "threads": threads,
            "throughput": [
                _throughput(folder / f"{cameras}-cameras", cameras, frames, bundle, threads, seconds, rounds)
                for cameras in (1, 2, 4)
            ],
            "latency": _latency(folder / "latency", frames, bundle, threads, seconds),
            "start": [_start(folder / f"start-{n}", frames, bundle) for n in range(rounds)],
        }
    sys.stdout.write(json.dumps(result, indent=2) + "\n" if as_json else _markdown(result))


def _frames() -> List[Picture]:
    """A grainy street-like gradient with something that moves, the same in every run."""
    rng = np.random.default_rng(0)
    base = np.linspace(30, 160, 360)[:, None, None] + np.zeros((360, 640, 3))
    frames = []
    for index in range(_FRAMES):
        picture = base + rng.normal(0, 6, base.shape)
        picture[200:260, 2 * index : 2 * index + 60] = (40, 60, 70)
        frames.append(np.clip(picture, 0, 255).astype(np.uint8))
    return frames


def _film(path: Path, frames: Sequence[Picture], rate: int, seconds: float) -> Path:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 640, 360, "yuv420p", 4_000_000
        stream.time_base = Fraction(1, rate)
        for index in range(int(rate * seconds)):
            frame = av.VideoFrame.from_ndarray(frames[index % len(frames)], format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def _throughput(
    folder: Path,
    cameras: int,
    frames: Sequence[Picture],
    bundle: str,
    threads: int,
    seconds: float,
    rounds: int,
) -> Dict[str, Any]:
    """Agent and bare loop by turns, `rounds` times."""
    folder.mkdir()
    rate = _OFFERED // cameras
    film = _film(folder / "film.mp4", frames, rate, seconds + 2 * _WARM_UP_S + 3)
    bare, whole = [], []
    for number in range(rounds):
        bare.append(_bare(bundle, frames, threads, min(cameras, 4), seconds / 2))
        whole.append(_whole(folder / f"data-{number}", film, cameras, rate, bundle, threads, seconds))
        console.print(f"{cameras} cameras: bare {bare[-1]:.1f}/s, agent {whole[-1]:.1f}/s")
    ratios = [agent / loop for agent, loop in zip(whole, bare)]
    return {"cameras": cameras, "bare_per_s": bare, "agent_per_s": whole, "ratio": ratios}


def _bare(bundle: str, frames: Sequence[Picture], threads: int, batch: int, seconds: float) -> float:
    """Frames a second of ONNX Runtime alone on tensors made beforehand, in batches of one a camera."""
    loaded = load_bundle(bundle)
    given = loaded.manifest.input
    spec = InputSpec(given.width, given.height, given.colour, given.mean, given.scale)
    tensors: List[npt.NDArray[np.float32]] = [
        to_batch(frames[start : start + batch], spec) for start in range(0, 32 - batch, batch)
    ]
    with closing(OnnxRuntimeSession(loaded, threads)) as session:
        session.infer(tensors[0])
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            session.infer(tensors[done // batch % len(tensors)])
            done += batch
        return done / (time.perf_counter() - began)


def _settings(
    data: Path, film: Path, cameras: int, looks: float, bundle: str, threads: Optional[int], **more: object
) -> Settings:
    return Settings.model_validate(
        {
            "cameras": [{"id": f"c{n}", "url": str(film), "looks_per_second": looks} for n in range(cameras)],
            "fire": {"bundle": bundle, "threads": threads, "boxes": False, "closer": False},
            "store": {"folder": data},
            **more,
        }
    )


def _whole(
    data: Path, film: Path, cameras: int, rate: int, bundle: str, threads: int, seconds: float
) -> float:
    """Looks a second of the whole agent, after a warm-up."""
    agent = Agent(_settings(data, film, cameras, float(rate), bundle, threads), SystemClock())
    agent.start()
    try:
        _until(lambda: _looks(agent, cameras) > 0, 30.0)
        time.sleep(_WARM_UP_S)
        began, before = time.perf_counter(), _looks(agent, cameras)
        time.sleep(seconds)
        return (_looks(agent, cameras) - before) / (time.perf_counter() - began)
    finally:
        agent.stop()


def _looks(agent: Agent, cameras: int) -> float:
    values = (
        agent.telemetry.registry.get_sample_value("beffroi_looks_total", {"camera": f"c{n}"})
        for n in range(cameras)
    )
    return sum(value or 0.0 for value in values)


def _latency(
    folder: Path, frames: Sequence[Picture], bundle: str, threads: int, seconds: float
) -> Dict[str, Any]:
    """Milliseconds from the capture of a frame to the PUBACK of the update that it caused.

    Thresholds are set so low that the calm film burns, and it is told twice a second.
    """
    folder.mkdir()
    film = _film(folder / "film.mp4", frames, 25, seconds + 4)
    with broker() as where:
        settings = _settings(
            folder / "data",
            film,
            1,
            5.0,
            bundle,
            threads,
            mqtt={"host": where.host, "port": where.port, "version": "3.1.1"},
        )
        low = {"open_above": 1e-6, "close_below": 1e-7, "renotify_s": 0.4, "needed": 1, "window": 1}
        fire = settings.fire.model_copy(update=low)
        agent = Agent(settings.model_copy(update={"fire": fire}), SystemClock())
        agent.start()
        time.sleep(seconds)
        agent.stop()
    with closing(open_for_reading(folder / "data" / "beffroi.db")) as database:
        history = History(database)
        found = [
            (told.settled_at - entry.change.at).total_seconds() * 1000
            for incident in history.list()
            for past in [history.get(incident.id)]
            if past is not None
            for entry in past.changes
            for told in entry.told
            if told.settled_at is not None
        ]
    found.sort()
    return {
        "changes": len(found),
        "p50_ms": statistics.median(found),
        "p99_ms": found[round((len(found) - 1) * 0.99)],
    }


def _start(folder: Path, frames: Sequence[Picture], bundle: str) -> Dict[str, float]:
    """`beffroi run` as a process of its own: seconds to the first look, and memory after five more."""
    folder.mkdir()
    film = _film(folder / "film.mp4", frames, 25, 20)
    config = folder / "beffroi.yaml"
    port = 20000 + os.getpid() % 20000
    config.write_text(
        f"cameras: [{film}]\nfire: {{bundle: {bundle}}}\n"
        f"store: {{folder: {folder / 'data'}}}\nmetrics: {{port: {port}}}\n"
    )
    began = time.perf_counter()
    command = [sys.executable, "-c", "from agent.cli import main; main()", "run", str(config)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        _until(lambda: b"beffroi_looks_total{" in _metrics(port), 60.0)
        first = time.perf_counter() - began
        time.sleep(5.0)
        memory = psutil.Process(process.pid).memory_info().rss
        return {"first_look_s": first, "rss_mib": memory / 2**20}
    finally:
        process.terminate()
        process.wait(10)


def _metrics(port: int) -> bytes:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=1) as answer:
            return bytes(answer.read())
    except OSError:
        return b""


def _until(reached: Any, within_s: float) -> None:
    deadline = time.perf_counter() + within_s
    while not reached():
        if time.perf_counter() > deadline:
            raise TimeoutError(f"not reached within {within_s:g} s")
        time.sleep(0.02)


def _spread(values: Sequence[float], digits: int = 1) -> str:
    middle = statistics.median(values)
    return f"{middle:.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def _markdown(result: Dict[str, Any]) -> str:
    rows: List[Tuple[str, str]] = []
    for one in result["throughput"]:
        cameras = one["cameras"]
        rows.append((f"looks/s, bare ONNX Runtime, batch {min(cameras, 4)}", _spread(one["bare_per_s"])))
        rows.append((f"looks/s, whole agent, {cameras} camera(s)", _spread(one["agent_per_s"])))
        rows.append((f"ratio, {cameras} camera(s)", _spread(one["ratio"], 2)))
    latency = result["latency"]
    rows.append(
        (
            f"capture to PUBACK, {latency['changes']} changes with snapshots",
            f"p50 {latency['p50_ms']:.0f} ms, p99 {latency['p99_ms']:.0f} ms",
        )
    )
    rows.append(("start to first look", _spread([one["first_look_s"] for one in result["start"]], 2) + " s"))
    rows.append(
        ("resident memory, 1 camera", _spread([one["rss_mib"] for one in result["start"]], 0) + " MiB")
    )
    head = (
        f"{result['machine']}; Python {result['versions']['python']}, ONNX Runtime "
        f"{result['versions']['onnxruntime']}, {result['threads']} thread(s); {result['date']}\n\n"
        "| what | median (range) |\n|---|---|\n"
    )
    return head + "".join(f"| {what} | {value} |\n" for what, value in rows)


if __name__ == "__main__":
    typer.run(main)
