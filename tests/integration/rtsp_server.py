"""A camera for tests: a real RTSP server (gst-rtsp-server), run by the system's Python, which has `gi`.

Usage: /usr/bin/python3 rtsp_server.py PORT (0 for any). It prints the port once it serves what PATHS says,
`/locked` to user `guard` with password `s3cret` alone. A line on its standard input, `moving`, `frozen` or
`black`, says what the cameras see from then on; the end of its input ends it.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import gi  # type: ignore[import-not-found]

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # type: ignore[import-not-found] # noqa: E402

EVERYONE = ("anonymous", "guard")


def scene(width: int = 320, height: int = 240, fps: int = 15) -> str:
    """Moving colour bars, with snow in a corner."""
    return (
        "videotestsrc name=scene is-live=true pattern=smpte75 horizontal-speed=3 "
        f"! video/x-raw,width={width},height={height},framerate={fps}/1 ! videoconvert "
    )


def h264(kbit_s: int = 400, payloader: str = "pay0", spoil: str = "") -> str:
    """`spoil` may stand between the encoder and the network."""
    return (
        f"! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate={kbit_s} {spoil}"
        f"! rtph264pay name={payloader} pt=96 config-interval=1 "
    )


SOUND = "audiotestsrc is-live=true wave=white-noise ! audio/x-raw,rate=44100,channels=1 ! rtpL16pay "
# path: pipeline, who may see it
PATHS = {
    "/open": (scene() + h264(), EVERYONE),
    "/locked": (scene() + h264(), ("guard",)),
    "/h265": (
        scene() + "! x265enc tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=400 "
        "! rtph265pay name=pay0 pt=96 config-interval=1",
        EVERYONE,
    ),
    "/vp8": (scene() + "! vp8enc deadline=1 ! rtpvp8pay name=pay0 pt=96", EVERYONE),
    "/sound": (SOUND + "name=pay0 pt=97", EVERYONE),
    "/both": (SOUND + "name=pay0 pt=97 " + scene() + h264(payloader="pay1"), EVERYONE),
    "/garbage": (scene() + h264(spoil="! breakmydata probability=0.2 "), EVERYONE),
    **{
        f"/{height}p{fps}": (scene(width, height, fps) + h264(kbit_s), EVERYONE)
        for width, height, kbit_s in ((1280, 720, 2000), (1920, 1080, 4000))
        for fps in (15, 25)
    },
}
# pattern (13: colour bars, 2: black), pixels that it moves a picture
SCENES = {"moving": (13, 3), "frozen": (13, 0), "black": (2, 0)}


class Cameras:
    """Sets the scene of every stream that plays."""

    def __init__(self) -> None:
        self._seen = "moving"
        self._sources: list[Any] = []

    def configure(self, _factory: Any, media: Any) -> None:
        source = media.get_element().get_by_name("scene")
        if source is not None:
            self._sources.append(source)
        self.show(self._seen)

    def show(self, scene: str) -> None:
        self._seen = scene
        pattern, speed = SCENES[scene]
        for source in self._sources:
            source.set_property("pattern", pattern)
            source.set_property("horizontal-speed", speed)


def main() -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_service(sys.argv[1])
    server.set_address("127.0.0.1")
    server.set_auth(_auth())
    cameras = Cameras()
    for path, (pipeline, roles) in PATHS.items():
        server.get_mount_points().add_factory(path, _factory(cameras, pipeline, roles))
    server.attach(None)
    loop = GLib.MainLoop()
    threading.Thread(target=_obey, args=(cameras, loop), daemon=True).start()
    print(server.get_bound_port(), flush=True)
    loop.run()


def _factory(cameras: Cameras, pipeline: str, roles: tuple[str, ...]) -> Any:
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(f"( {pipeline} )")
    factory.set_shared(True)
    factory.connect("media-configure", cameras.configure)
    permissions = GstRtspServer.RTSPPermissions()
    for role in EVERYONE:
        permissions.add_permission_for_role(role, "media.factory.access", True)  # else: 404, not 401
        permissions.add_permission_for_role(role, "media.factory.construct", role in roles)
    factory.set_permissions(permissions)
    return factory


def _auth() -> Any:
    auth = GstRtspServer.RTSPAuth()
    guard = GstRtspServer.RTSPToken()
    guard.set_string("media.factory.role", "guard")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic("guard", "s3cret"), guard)
    anonymous = GstRtspServer.RTSPToken()
    anonymous.set_string("media.factory.role", "anonymous")
    auth.set_default_token(anonymous)
    return auth


def _obey(cameras: Cameras, loop: Any) -> None:
    for line in sys.stdin:
        GLib.idle_add(cameras.show, line.strip())
    loop.quit()


if __name__ == "__main__":
    main()
