"""GStreamer's Python binding, loaded when it is first needed: it comes from the system, not from pip."""

from __future__ import annotations

import importlib
from typing import Any

from agent.sources.gstreamer.decoders import Has, is_jetson
from agent.sources.words import Words

_PACKAGES = "python3-gi gir1.2-gst-plugins-base-1.0"

_MISSING = Words(
    "GStreamer for Python is missing",
    f"run `sudo apt install {_PACKAGES}`, and use the system's Python (a virtual environment of it needs "
    "--system-site-packages)",
    permanent=True,
)


def gstreamer(display: str) -> Any:
    """The module Gst, initialised, with GstApp loaded; `display` is the source that needs it.

    Raises SourceError (permanent) naming the packages.
    """
    try:
        gi: Any = importlib.import_module("gi")
        for namespace in ("Gst", "GstApp"):
            gi.require_version(namespace, "1.0")
        gst: Any = importlib.import_module("gi.repository.Gst")
        importlib.import_module("gi.repository.GstApp")  # gives an appsink its methods
    except (ImportError, ValueError, AttributeError):
        raise _MISSING.error(display) from None
    if not gst.is_initialized():
        gst.init(None)
    return gst


def elements_of(gst: Any) -> Has:
    """Asks GStreamer's registry."""
    return lambda name: gst.ElementFactory.find(name) is not None


def has_jetson_decoder() -> bool:
    """Whether GStreamer is here and decodes by the Jetson's hardware."""
    from agent.errors import SourceError

    try:
        return is_jetson(elements_of(gstreamer("")))
    except SourceError:
        return False
