"""The pipelines as text, for each kind of camera. Pure.

Nothing that comes from the configuration is in a text: it is set as properties of the element `camera`, so
that there is nothing to escape, and a text may be logged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, Optional, Union
from urllib.parse import unquote, urlsplit

from agent.config.csi import CsiAddress
from agent.sources.gstreamer.decoders import Decoder

SINK = (
    "appsink name=pictures caps=video/x-raw,format=BGRx max-buffers=1 drop=true sync=false "
    "enable-last-sample=false"
)
"""The latest picture alone. BGRx, since nvvidconv makes no BGR; OpenCV drops the fourth channel."""

CODECS = ("H264", "H265")
"""The names that RTP has for what is read here."""

_JITTER_MS = 100
_TLS_ANY = 0
_RTSP_PORTS = {"rtsp": 554, "rtsps": 322}


@dataclass(frozen=True)
class Pipeline:
    """`text` for gst_parse_launch; `properties` of its element `camera`, which may be secret."""

    text: str
    properties: Dict[str, Union[str, int]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class RtspAddress:
    """An address taken apart: GStreamer wants the credentials, decoded, on their own."""

    location: str
    host: str
    port: int
    user: Optional[str] = field(default=None, repr=False)
    password: Optional[str] = field(default=None, repr=False)


def rtsp_address(url: str) -> RtspAddress:
    """Raises ValueError where no host can be read from it, without repeating it."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("has a host or port that cannot be read") from None
    if not host:
        raise ValueError("names no host")
    userinfo, has_user, authority = parts.netloc.rpartition("@")
    user, _, password = userinfo.partition(":")
    location = parts._replace(scheme=scheme, netloc=authority).geturl()
    if not has_user:
        return RtspAddress(location, host, port or _RTSP_PORTS[scheme])
    return RtspAddress(location, host, port or _RTSP_PORTS[scheme], unquote(user), unquote(password))


def rtsp(address: RtspAddress, transport: str, open_timeout_s: float) -> Pipeline:
    """A camera and a sink that are not linked yet: what goes between them depends on the codec (`middle`).

    Certificates are not checked, as with FFmpeg: cameras sign their own.
    """
    properties: Dict[str, Union[str, int]] = {"location": address.location}
    if address.location.startswith("rtsps"):
        properties["tls-validation-flags"] = _TLS_ANY
    if address.user is not None:
        properties["user-id"] = address.user
        properties["user-pw"] = address.password or ""
    # A second more than ours, so that ours is the one that ends it.
    patience_us = round((open_timeout_s + 1.0) * 1e6)
    text = f"rtspsrc name=camera protocols={transport} latency={_JITTER_MS} tcp-timeout={patience_us} {SINK}"
    return Pipeline(text, properties)


def middle(codec: str, decoder: Decoder) -> str:
    """What turns RTP packets of a codec into BGRx pictures."""
    name, decodes = ("h264", decoder.h264) if codec == "H264" else ("h265", decoder.h265)
    return f"queue ! rtp{name}depay ! {name}parse ! {decodes} ! {decoder.convert}"


def csi(address: CsiAddress) -> Pipeline:
    """The Jetson's own connector: the picture stays in the hardware's memory until it is converted."""
    size = f"width={address.width},height={address.height},framerate={address.fps}/1"
    text = f"nvarguscamerasrc name=camera ! video/x-raw(memory:NVMM),{size},format=NV12 ! nvvidconv ! {SINK}"
    return Pipeline(text, {"sensor-id": address.sensor})


def usb(device: str, decoder: Decoder) -> Pipeline:
    """A USB camera, whether it sends plain pictures or JPEG."""
    return Pipeline(f"v4l2src name=camera ! decodebin ! {decoder.convert} ! {SINK}", {"device": device})
