"""Which elements decode and convert here, and which package has an element that is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, List, Optional

from agent.sources.words import Words

Has = Callable[[str], bool]
"""Whether GStreamer has an element of this name."""


@dataclass(frozen=True)
class Decoder:
    """`h264` and `h265` decode; `convert` turns whatever comes out of them into BGRx in ordinary memory."""

    h264: str
    h265: str
    convert: str


_NVIDIA_DECODES = "nvv4l2decoder enable-max-performance=1"
NVIDIA = Decoder(_NVIDIA_DECODES, _NVIDIA_DECODES, "nvvidconv")
"""The Jetson's. On a PC with NVIDIA's card nvv4l2decoder may be there, but never nvvidconv."""

LIBAV = Decoder("avdec_h264 max-threads=1", "avdec_h265 max-threads=1", "videoconvert")
"""FFmpeg's. Frame threads would hold back as many pictures as there are threads."""

DECODERS: Dict[str, Decoder] = {"nvidia": NVIDIA, "libav": LIBAV}

_GOOD = "gstreamer1.0-plugins-good"
_BASE = "gstreamer1.0-plugins-base"
_BAD = "gstreamer1.0-plugins-bad"
_LIBAV = "gstreamer1.0-libav"
_L4T = "nvidia-l4t-gstreamer"
_PACKAGES: Dict[str, str] = {
    "appsink": _BASE,
    "decodebin": _BASE,
    "videoconvert": _BASE,
    "rtspsrc": _GOOD,
    "rtph264depay": _GOOD,
    "rtph265depay": _GOOD,
    "v4l2src": _GOOD,
    "h264parse": _BAD,
    "h265parse": _BAD,
    "avdec_h264": _LIBAV,
    "avdec_h265": _LIBAV,
    "nvv4l2decoder": _L4T,
    "nvvidconv": _L4T,
    "nvarguscamerasrc": _L4T,
}


def pick(has: Has) -> Decoder:
    """The Jetson's where it is there, else FFmpeg's."""
    return NVIDIA if is_jetson(has) else LIBAV


def is_jetson(has: Has) -> bool:
    """Whether the hardware's decoder and its converter are there."""
    return has("nvv4l2decoder") and has("nvvidconv")


def elements(description: str) -> List[str]:
    """The elements of a pipeline's text; filters (`video/x-raw,...`) are none."""
    first = (part.split()[0] for part in description.split(" ! "))
    return list(dict.fromkeys(name for name in first if "/" not in name))


def lacking(description: str, has: Has) -> Optional[Words]:
    """What must be installed before this pipeline can be made; None where everything is there."""
    missing = [name for name in elements(description) if not has(name)]
    if not missing:
        return None
    packages = sorted({_PACKAGES.get(name, "libgstreamer1.0-0") for name in missing})
    if packages == [_L4T]:
        advice = f"only a Jetson has it, with the package {_L4T}"
    else:
        advice = f"run `sudo apt install {' '.join(packages)}`"
    return Words(f"GStreamer has no {', '.join(missing)}", advice, permanent=True)
