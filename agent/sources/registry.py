"""Which source reads which address: one literal table, imported only when used.

A new kind of source is one file, one line here and one test file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, Optional
from urllib.parse import urlsplit

from agent.clock import SystemClock
from agent.config.settings import Camera
from agent.errors import SourceError
from agent.ports import Clock, Source
from agent.sources.address import display

_VIDEO_SUFFIXES = (".mp4", ".mkv", ".mov", ".avi", ".webm", ".ts", ".m4v")


@dataclass(frozen=True)
class Options:
    """How to read an address. `real_time` plays a replay at its own pace, else as fast as it is read.

    `decoder` is `auto`, `pyav` or `gstreamer`, and only matters to cameras that both can read.
    """

    clock: Clock
    transport: str = "tcp"
    decoder: str = "auto"
    open_timeout_s: float = 10.0
    read_timeout_s: float = 5.0
    real_time: bool = True


def open_source(camera: Camera, clock: Optional[Clock] = None) -> Source:
    """The source of a configured camera, not connected yet. Raises SourceError for an unknown address."""
    return source_of(
        camera.url.get_secret_value(),
        Options(
            clock or SystemClock(),
            transport=camera.transport,
            decoder=camera.decoder,
            open_timeout_s=camera.open_timeout_s,
            read_timeout_s=camera.read_timeout_s,
        ),
    )


def source_of(address: str, options: Optional[Options] = None) -> Source:
    """The source behind an address: a URL, a file or folder, `usb:0`, `csi:0` or a bare index, `/dev/video0`.

    Raises SourceError for an address that no source reads.
    """
    options = options or Options(SystemClock())
    scheme = _scheme(address)
    if scheme not in _MAKERS:
        raise SourceError(
            f"{display(address)}: no source reads {scheme}: addresses; use {', '.join(sorted(_MAKERS))}: "
            "or a path",
            permanent=True,
            reason="unknown address",
        )
    return _MAKERS[scheme](address, options)


def _scheme(address: str) -> str:
    if address.isdecimal() or address.startswith("/dev/video"):
        return "usb"
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):", address)
    if found is None or Path(address).exists():
        return "file"
    return found[1].lower()


def _rtsp(address: str, options: Options) -> Source:
    return _gstreamer(address, options) if _by_gstreamer(options) else _stream(address, options)


def _by_gstreamer(options: Options) -> bool:
    """Where nothing else is said it is for the hardware's decoder alone: on a PC, PyAV needs no packages."""
    from agent.sources.gstreamer.runtime import has_jetson_decoder

    return options.decoder == "gstreamer" or (options.decoder == "auto" and has_jetson_decoder())


def _gstreamer(address: str, options: Options) -> Source:
    from agent.sources.gstreamer import GStreamerSource

    return GStreamerSource(
        address,
        options.clock,
        transport=options.transport,
        open_timeout_s=options.open_timeout_s,
        read_timeout_s=options.read_timeout_s,
    )


def _stream(address: str, options: Options) -> Source:
    from agent.sources.pyav import PyAvSource

    return PyAvSource(
        address,
        live=True,
        transport=options.transport,
        open_timeout_s=options.open_timeout_s,
        read_timeout_s=options.read_timeout_s,
    )


def _web(address: str, options: Options) -> Source:
    """A film on a web server ends as a file does; anything else there is a camera."""
    if urlsplit(address).path.lower().endswith(_VIDEO_SUFFIXES):
        return _paced(_film(address, options), options)
    return _stream(address, options)


def _path(address: str, options: Options) -> Source:
    from agent.sources.files import PathSource

    return _paced(PathSource(Path(re.sub(r"^file:(//)?", "", address)).expanduser()), options)


def _film(address: str, options: Options) -> Source:
    from agent.sources.pyav import PyAvSource

    return PyAvSource(
        address,
        live=False,
        open_timeout_s=options.open_timeout_s,
        read_timeout_s=options.read_timeout_s,
    )


def _paced(source: Source, options: Options) -> Source:
    from agent.sources.pace import PacedSource

    return PacedSource(source, options.clock) if options.real_time else source


def _usb(address: str, options: Options) -> Source:
    from agent.sources.usb import UsbSource

    device = re.sub(r"^usb:", "", address)
    device = f"/dev/video{device}" if device.isdecimal() else device
    return _gstreamer(device, options) if _by_gstreamer(options) else UsbSource(device, options.clock)


def _scene(address: str, options: Options) -> Source:
    from agent.sources.scene import SceneSource

    return SceneSource(address, options.clock, real_time=options.real_time)


_MAKERS: Dict[str, Callable[[str, Options], Source]] = {
    "rtsp": _rtsp,
    "rtsps": _rtsp,
    "http": _web,
    "https": _web,
    "file": _path,
    "usb": _usb,
    "csi": _gstreamer,
    "scene": _scene,
}
