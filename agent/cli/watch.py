"""`beffroi watch`: look at any video, URL or USB camera without a configuration."""

from __future__ import annotations

import json
import signal
import sys
import threading
from contextlib import ExitStack
from enum import Enum
from pathlib import Path
from typing import Dict, Optional

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from agent import logs
from agent.cli.film import Film
from agent.cli.scenery import Scenery, Things, scenery
from agent.clock import SystemClock
from agent.config.settings import FireSettings
from agent.domain.incident import Change, Kind
from agent.domain.object_event import ObjectEvent
from agent.domain.policy.fire import FirePolicy
from agent.faces.veil import veil_of
from agent.inference.registry import load_fire_detector, load_object_detector
from agent.pipeline.policies import fire_policy_settings, incident_ids
from agent.pipeline.watch import Step
from agent.pipeline.watch import watch as steps
from agent.ports import Clock
from agent.sources.length import length_s
from agent.sources.registry import Options, source_of
from agent.vision.tracking.tracker import BufferedTracker


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
    config: Optional[Path] = typer.Option(
        None,
        "--config",
        "-c",
        show_default=False,
        help="A configuration, of which the zones, lines, masks, rules and ignored fires of --camera hold "
        "here.",
    ),
    objects: Optional[str] = typer.Option(
        None,
        "--objects",
        show_default=False,
        metavar="BUNDLE",
        help="Also box and follow people, vehicles and other things, with this model.",
    ),
    boxes: bool = typer.Option(
        True,
        "--boxes/--no-boxes",
        help="Look for flames and smoke with the model of --objects, too, where it boxes them.",
    ),
) -> None:
    """Look at SOURCE and print its incidents.

    Exit code 0 when it ran to the end, whatever it saw. Ctrl-C ends a live source.
    """
    logs.configure("warning")
    clock = SystemClock()
    stop = threading.Event()
    place = scenery(camera, config, objects)
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with ExitStack() as stack:
        where = source_of(source, Options(clock, decoder=decoder.value, real_time=speed is Speed.OWN))
        fire = FireSettings(bundle=bundle, boxes=boxes)
        detector = load_fire_detector(fire, boxes=place.boxes, home=place.home)
        stack.callback(detector.close)
        settings = fire_policy_settings(fire, detector.model.thresholds)
        policy = FirePolicy(camera, settings, incident_ids(clock))
        things = _things(place, clock, stack)
        film = None
        if save is not None:
            veil = veil_of(blur, None, clock)
            film = stack.enter_context(Film(save, veil, place.masks, place.zones, place.lines))
        progress = stack.enter_context(_progress())
        task = progress.add_task(where.display, total=length_s(source), danger=0.0)
        incidents = 0
        watched_s = 0.0
        seen = steps(
            *(where, camera, detector, policy, clock, looks_per_second, stop, things), ignored=place.ignored
        )
        for step in seen:
            watched_s = step.frame.media_s
            progress.update(task, completed=watched_s, danger=step.danger)
            for change in step.changes:
                incidents += change.incident.sequence == 1
                _say(change, step, as_json, progress)
            for event in step.events:
                _tell(event, step, as_json, progress)
            if film is not None:
                film.add(step)
    if not as_json:
        typer.echo(f"watched {watched_s:.1f} s: {incidents or 'no'} incident{'s' if incidents != 1 else ''}")


def _things(place: Scenery, clock: Clock, stack: ExitStack) -> Optional[Things]:
    if place.models is None:
        return None
    detector = load_object_detector(place.models, home=place.home)
    stack.callback(detector.close)
    return Things(place, detector, BufferedTracker(), incident_ids(clock))


def _say(change: Change, step: Step, as_json: bool, progress: Progress) -> None:
    incident = change.incident
    if as_json:
        line: Dict[str, object] = {
            "kind": incident.kind.value,
            "transition": change.transition.value,
            "t": round(step.frame.media_s, 3),
            "confidence": round(incident.confidence, 4),
            "camera": incident.camera,
            "incident": incident.id,
            "severity": incident.severity.value,
            "area": incident.extent.area,
            "growth": incident.extent.growth,
        }
        if incident.kind is Kind.OBJECT:
            line["rule"] = incident.reason
        _print_json(line)
        return
    rule = f" {incident.reason}" if incident.kind is Kind.OBJECT else ""
    sure = f"({incident.confidence:.0%} sure)"
    _print(f"{incident.kind.value}{rule} {change.transition.value}  {sure}", step, progress)


def _tell(event: ObjectEvent, step: Step, as_json: bool, progress: Progress) -> None:
    if as_json:
        _print_json(
            {
                "event": event.kind.value,
                "t": round(step.frame.media_s, 3),
                "confidence": round(event.confidence, 4),
                "camera": event.camera,
                "rule": event.rule,
                "label": event.label,
                "track": event.track,
                "count": event.count,
                "direction": event.direction,
            }
        )
        return
    which = f" {event.track}" if event.track is not None else f", {event.count} of them"
    way = "" if event.direction is None else f", {event.direction}"
    _print(f"{event.kind.value}  {event.rule}: {event.label}{which}{way}", step, progress)


def _print_json(line: Dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _print(said: str, step: Step, progress: Progress) -> None:
    minutes, seconds = divmod(step.frame.media_s, 60)
    text = f"{int(minutes):02d}:{seconds:04.1f}  {said}"
    if progress.live.is_started and sys.stdout.isatty():
        progress.console.print(text, markup=False, highlight=False)
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
