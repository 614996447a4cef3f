"""A real RTSP camera in a process of its own, to be stopped, killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Optional, Type

SYSTEM_PYTHON = "/usr/bin/python3"
SCRIPT = Path(__file__).parent.parent / "integration" / "rtsp_server.py"
_NEEDS = (
    "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst, GstRtspServer; "
    "Gst.init(None); assert Gst.ElementFactory.find('x264enc') and Gst.ElementFactory.find('rtph264pay')"
)


def missing() -> Optional[str]:
    """Why no RTSP server can run here; None where one can."""
    if not Path(SYSTEM_PYTHON).exists():
        return f"needs {SYSTEM_PYTHON}"
    tried = subprocess.run([SYSTEM_PYTHON, "-c", _NEEDS], capture_output=True, timeout=30, check=False)
    return None if tried.returncode == 0 else "needs the packages of gst-rtsp-server (see CONTRIBUTING.md)"


class RtspCamera:
    """Serves rtsp://127.0.0.1:port/open, and /locked to guard:s3cret; use it in a `with` block."""

    def __init__(self) -> None:
        self._port = 0
        self._process: Optional[subprocess.Popen[str]] = None

    def __enter__(self) -> RtspCamera:
        self.start()
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.kill()

    def url(self, path: str = "open", user: str = "") -> str:
        """The address of a stream; `user` is name:password."""
        return f"rtsp://{user + '@' if user else ''}127.0.0.1:{self._port}/{path}"

    def start(self) -> None:
        """Serve, on the same port as before. Returns when it does."""
        self._process = subprocess.Popen(
            [SYSTEM_PYTHON, str(SCRIPT), str(self._port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())

    def show(self, scene: str) -> None:
        """What it sees from now on: `moving`, `frozen` or `black`."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{scene}\n")
        self._process.stdin.flush()

    def stall(self) -> None:
        """It hangs: the kernel still takes connections, nobody answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """It dies at once; may be called twice."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process = None

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)
