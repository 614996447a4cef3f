"""Addresses of cameras: which are possible, and what is wrong with the others."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Optional
from urllib.parse import urlsplit

from agent.config.csi import parse_csi

POSSIBLE = (
    "rtsp://, rtsps://, http:// or https:// and a host, the path of a file or folder, "
    "usb:0, /dev/video0, csi:0 or scene:"
)

_NETWORK = ("rtsp", "rtsps", "http", "https")
_DEVICES = ("usb", "csi")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,9}):")
_USB = re.compile(r"usb:\d{1,3}")
_PATH_LIKE = re.compile(
    r"((\.{0,2}|~)/.*)|(.*\.(mp4|mkv|avi|mov|webm|ts|m4v|mjpe?g|jpe?g|png|gif|bmp))", re.I
)


def objection(address: str) -> Optional[str]:
    """Why `address` cannot be a camera's, without repeating it; None where it can.

    A scheme is quoted, since it holds no secret. Files are not opened, but a relative name without a known
    ending is only taken for a path where it exists.
    """
    if not address.strip():
        return "is empty"
    if address != address.strip() or not address.isprintable():
        return "has spaces around it or characters that cannot be printed"
    scheme = _scheme(address)
    if scheme is None:
        return _path_objection(address)
    if scheme in _NETWORK:
        return _network_objection(address, scheme)
    if scheme == "usb":
        return None if _USB.fullmatch(address) else 'is not "usb:" and the number of the camera'
    if scheme == "csi":
        return _csi_objection(address)
    if scheme == "scene":
        return None
    close = difflib.get_close_matches(scheme, [*_NETWORK, *_DEVICES, "scene"], n=1)
    return f'starts with "{scheme}:", which is not known' + (
        f'; perhaps "{close[0]}:" is meant' if close else ""
    )


def is_read_by_gstreamer(address: str) -> bool:
    """Whether GStreamer can read it: RTSP, USB and CSI cameras."""
    scheme = _scheme(address)
    return scheme in ("rtsp", "rtsps", *_DEVICES) or address.startswith("/dev/video") or address.isdecimal()


def is_csi(address: str) -> bool:
    """Whether only GStreamer can read it."""
    return _scheme(address) == "csi"


def _scheme(address: str) -> Optional[str]:
    found = _SCHEME.match(address)
    if found is None:
        return None
    scheme = found.group(1).lower()
    # "cam.local:554/stream" and "10.0.0.7:554" have a host there, not a scheme.
    numbered = address[found.end() : found.end() + 1].isdigit()
    is_host = "." in scheme or (numbered and not difflib.get_close_matches(scheme, _DEVICES, n=1))
    return None if is_host else scheme


def _network_objection(address: str, scheme: str) -> Optional[str]:
    if not address.lower().startswith(f"{scheme}://"):
        return f'has no "//" after "{scheme}:"'
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "has a host or port that cannot be read (a password with / ? # or @ must be percent-encoded)"
    return None if host else f'names no host after "{scheme}://"'


def _csi_objection(address: str) -> Optional[str]:
    try:
        parse_csi(address)
    except ValueError as error:
        return str(error)
    return None


def _path_objection(address: str) -> Optional[str]:
    if _PATH_LIKE.fullmatch(address):
        return None
    try:
        exists = Path(address).exists()
    except (OSError, ValueError):
        exists = False
    return None if exists else "is neither a URL nor a file or folder that is here"
