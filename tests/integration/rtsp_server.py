"""A camera for tests: a real RTSP server (gst-rtsp-server), run by the system's Python, which has `gi`.

Usage: /usr/bin/python3 rtsp_server.py PORT [WIDTH HEIGHT FPS]; 0 for any port. It prints the port once it
serves `/open` (H.264) and `/hevc` (H.265) to everyone and `/locked` to user `guard` with password `s3cret`. A
line on its input, `moving`, `frozen` or `black`, says what the cameras see from then on; its end ends it.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import gi  # type: ignore[import-not-found]

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # type: ignore[import-not-found] # noqa: E402

PORT, WIDTH, HEIGHT, FPS = sys.argv[1:5] if len(sys.argv) > 2 else (sys.argv[1], "320", "240", "15")
SCENE = (
    "videotestsrc name=scene is-live=true pattern=smpte75 horizontal-speed=3 "
    f"! video/x-raw,width={WIDTH},height={HEIGHT},framerate={FPS}/1 ! videoconvert "
)
SETTINGS = "tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=400"
H264 = f"( {SCENE} ! x264enc {SETTINGS} ! rtph264pay name=pay0 pt=96 config-interval=1 )"
H265 = f"( {SCENE} ! x265enc {SETTINGS} ! rtph265pay name=pay0 pt=96 config-interval=1 )"
# pattern (13: colour bars, 2: black), pixels that it moves a picture
SCENES = {"moving": (13, 3), "frozen": (13, 0), "black": (2, 0)}


class Cameras:
    """Sets the scene of every stream that plays."""

    def __init__(self) -> None:
        self._seen = "moving"
        self._sources: list[Any] = []

    def configure(self, _factory: Any, media: Any) -> None:
        self._sources.append(media.get_element().get_by_name("scene"))
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
    server.set_service(PORT)
    server.set_address("127.0.0.1")
    server.set_auth(_auth())
    cameras = Cameras()
    everyone = ("anonymous", "guard")
    for path, pipeline, roles in (
        ("/open", H264, everyone),
        ("/hevc", H265, everyone),
        ("/locked", H264, ("guard",)),
    ):
        server.get_mount_points().add_factory(path, _factory(cameras, pipeline, roles))
    server.attach(None)
    loop = GLib.MainLoop()
    threading.Thread(target=_obey, args=(cameras, loop), daemon=True).start()
    print(server.get_bound_port(), flush=True)
    loop.run()


def _factory(cameras: Cameras, pipeline: str, roles: tuple[str, ...]) -> Any:
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(pipeline)
    factory.set_shared(True)
    factory.connect("media-configure", cameras.configure)
    permissions = GstRtspServer.RTSPPermissions()
    for role in ("anonymous", "guard"):
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
