"""`beffroi watch`: look at any video, URL or USB camera without a configuration."""

from __future__ import annotations

import json
import signal
import sys
import threading
from contextlib import ExitStack
from enum import Enum
from pathlib import Path
from typing import Optional

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from agent import logs
from agent.cli.film import Film
from agent.clock import SystemClock
from agent.config.settings import FireSettings
from agent.domain.incident import Change
from agent.domain.policy.fire import FirePolicy
from agent.faces.veil import veil_of
from agent.inference.registry import load_fire_detector
from agent.pipeline.policies import fire_policy_settings, incident_ids
from agent.pipeline.watch import Step
from agent.pipeline.watch import watch as steps
from agent.sources.length import length_s
from agent.sources.registry import Options, source_of


class Decoder(str, Enum):
    """What takes a camera's pictures in."""

    AUTO = "auto"
    PYAV = "pyav"
    GSTREAMER = "gstreamer"


class Speed(str, Enum):
    """How fast a recording is played."""

    OWN = "own"
    MAX = "max"


def watch(
    source: str = typer.Argument(
        ..., help="A video file, a folder of pictures, a URL (rtsp, http), usb:0, csi:0 or scene:"
    ),
    as_json: bool = typer.Option(False, "--json", help="One JSON object a line for each change."),
    save: Optional[Path] = typer.Option(None, "--save", help="Write an annotated film (mp4)."),
    blur: bool = typer.Option(True, "--blur/--no-blur", help="Make faces in that film unrecognisable."),
    speed: Speed = typer.Option(
        Speed.MAX, "--speed", help="Recordings: at their own pace, or as fast as it goes."
    ),
    decoder: Decoder = typer.Option(
        Decoder.AUTO, "--decoder", help="Cameras: the Jetson's way (gstreamer) or FFmpeg (pyav)."
    ),
    bundle: str = typer.Option("fire-lite0", "--bundle", help="The model: a shipped bundle or a folder."),
    looks_per_second: float = typer.Option(5.0, "--looks", min=0.1, max=60.0, help="Looks a second."),
    camera: str = typer.Option("watch", "--camera", help="The camera's name in the output."),
) -> None:
    """Look at SOURCE and print its incidents.

    Exit code 0 when it ran to the end, whatever it saw. Ctrl-C ends a live source.
    """
    logs.configure("warning")
    clock = SystemClock()
    stop = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with ExitStack() as stack:
        where = source_of(source, Options(clock, decoder=decoder.value, real_time=speed is Speed.OWN))
        fire = FireSettings(bundle=bundle)
        detector = load_fire_detector(fire)
        stack.callback(detector.close)
        settings = fire_policy_settings(fire, detector.model.thresholds)
        policy = FirePolicy(camera, settings, incident_ids(clock))
        film = stack.enter_context(Film(save, veil_of(blur, None, clock))) if save is not None else None
        progress = stack.enter_context(_progress())
        task = progress.add_task(where.display, total=length_s(source), danger=0.0)
        incidents = 0
        watched_s = 0.0
        for step in steps(where, camera, detector, policy, clock, looks_per_second, stop):
            watched_s = step.frame.media_s
            progress.update(task, completed=watched_s, danger=step.danger)
            for change in step.changes:
                incidents += change.incident.sequence == 1
                _say(change, step, as_json, progress)
            if film is not None:
                film.add(step)
    if not as_json:
        typer.echo(f"watched {watched_s:.1f} s: {incidents or 'no'} incident{'s' if incidents != 1 else ''}")


def _say(change: Change, step: Step, as_json: bool, progress: Progress) -> None:
    incident = change.incident
    if as_json:
        line = {
            "kind": incident.kind.value,
            "transition": change.transition.value,
            "t": round(step.frame.media_s, 3),
            "confidence": round(incident.confidence, 4),
            "camera": incident.camera,
            "incident": incident.id,
            "severity": incident.severity.value,
        }
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        return
    minutes, seconds = divmod(step.frame.media_s, 60)
    text = (
        f"{int(minutes):02d}:{seconds:04.1f}  {incident.kind.value} {change.transition.value}  "
        f"({incident.confidence:.0%} sure)"
    )
    if progress.live.is_started and sys.stdout.isatty():
        progress.console.print(text)
    else:
        typer.echo(text)


def _progress() -> Progress:
    """On stderr, and only on a terminal, so that the output can be piped."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:6.1f} s"),
        TextColumn("danger {task.fields[danger]:.2f}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
