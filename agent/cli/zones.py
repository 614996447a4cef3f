"""`beffroi zones`: a picture of a camera with its zones on a grid, to write polygons by."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Iterator, Optional, Tuple

import cv2
import typer

from agent import logs
from agent.clock import SystemClock
from agent.config.loader import load, locate
from agent.config.polygons import corners, ends
from agent.config.settings import Camera, FacesSettings
from agent.domain.geometry import Line
from agent.domain.zone import Zone
from agent.errors import BeffroiError, ConfigError
from agent.faces.veil import veil_of
from agent.ports import Picture
from agent.sources.registry import open_source
from agent.vision.grid import enlarged, gridded, with_scales, with_ways
from agent.vision.mask import blacked_out
from agent.vision.overlay import overlaid

_HOW = """\
The grid is in tenths of the picture: x from its left along the top, y from its top along the left.
A zone is written as its corners in order, x,y each:   polygon: 0.1,0.4 0.9,0.4 0.9,0.95 0.1,0.95
A line as its two ends; its arrow shows what goes in:  points: 0.1,0.6 0.9,0.6
"""


def zones(
    camera: str = typer.Argument(..., help="The camera's id."),
    config: Optional[Path] = typer.Option(
        None,
        "--config",
        "-c",
        show_default=False,
        help="The configuration. [$BEFFROI_CONFIG, else ./beffroi.yaml, else /etc/beffroi/beffroi.yaml]",
    ),
    save: Optional[Path] = typer.Option(
        None, "--save", show_default="zones-CAMERA.png", help="Where the picture is written."
    ),
) -> None:
    """Take a picture of CAMERA and draw its zones, lines and masks on a grid.

    Masks are black in it, and faces unrecognisable unless faces.blur is off.
    """
    logs.configure("warning")
    settings = load(locate(config, os.environ), os.environ)
    chosen = next((one for one in settings.cameras if one.id == camera), None)
    if chosen is None:
        known = ", ".join(one.id for one in settings.cameras)
        raise ConfigError(f"there is no camera {camera}: write one of {known}")
    path = save or Path(f"zones-{camera}.png")
    picture = _taken(chosen)
    _write(path, _drawn(_private(picture, chosen, settings.faces), chosen))
    height, width = picture.shape[:2]
    typer.echo(f"{path}: a picture of {width} x {height}")
    for what, name, points in _written(chosen):
        typer.echo(f"{what} {name}: {points}")
    typer.echo(_HOW, nl=False)


def _taken(camera: Camera) -> Picture:
    stream = open_source(camera).open()
    try:
        picture = stream.read()
    finally:
        stream.close()
    if picture is None:
        raise BeffroiError(f"camera {camera.id} has no picture in it: check what its url names")
    return picture.pixels


def _private(picture: Picture, camera: Camera, faces: FacesSettings) -> Picture:
    masked = blacked_out(picture, camera.objects.masks)
    return veil_of(faces.blur, faces.threads, SystemClock()).over(masked).picture


def _drawn(picture: Picture, camera: Camera) -> Picture:
    section = camera.objects
    shown = [
        Zone(zone.name if zone.kind == "include" else f"{zone.name} ({zone.kind})", corners(zone.polygon))
        for zone in section.zones or []
    ]
    shown += [Zone(f"{zone.name} (faces)", corners(zone.polygon)) for zone in camera.faces.zones or []]
    shown += [Zone(f"{zone.name} (fire ignored)", corners(zone.polygon)) for zone in camera.fire.ignore or []]
    lines = [Line(line.name, *ends(line.points)) for line in section.lines or []]
    ways = {rule.name: ends(rule.way) for rule in section.rules or [] if rule.way is not None}
    return with_scales(with_ways(overlaid(gridded(enlarged(picture)), zones=shown, lines=lines), ways))


def _written(camera: Camera) -> Iterator[Tuple[str, str, str]]:
    for zone in camera.objects.zones or []:
        yield f"{zone.kind} zone", zone.name, zone.polygon
    for line in camera.objects.lines or []:
        yield "line", line.name, line.points
    for face_zone in camera.faces.zones or []:
        yield "faces zone", face_zone.name, face_zone.polygon
    for fire_zone in camera.fire.ignore or []:
        yield "zone of ignored fire", fire_zone.name, fire_zone.polygon


def _write(path: Path, picture: Picture) -> None:
    _, data = cv2.imencode(".png", picture)
    try:
        path.write_bytes(bytes(data))
    except OSError as error:
        raise BeffroiError(f"{path}: the picture cannot be written: {error.strerror}") from error
