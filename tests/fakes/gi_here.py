"""GStreamer's Python binding, which comes with the system's Python alone: PyPI has no wheel of it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Optional

from agent.errors import SourceError
from agent.sources.gstreamer.runtime import elements_of, gstreamer

_DEBIAN = Path("/usr/lib/python3/dist-packages")
_NEEDED = ("rtspsrc", "avdec_h264", "avdec_h265", "h264parse", "h265parse", "videoconvert")


def missing() -> Optional[str]:
    """Why GStreamer cannot be used by this Python; None where it can.

    Debian's binding is for one version of Python; another interpreter of that version takes it, too.
    """
    version = f"cpython-{sys.version_info[0]}{sys.version_info[1]}-"
    ours = any(version in path.name for path in (_DEBIAN / "gi").glob("_gi.*.so"))
    if ours and str(_DEBIAN) not in sys.path:
        sys.path.append(str(_DEBIAN))
        importlib.invalidate_caches()
    try:
        has = elements_of(gstreamer("the test"))
    except SourceError:
        return "GStreamer's Python binding (python3-gi) is not for this Python"
    absent = [name for name in _NEEDED if not has(name)]
    return f"GStreamer has no {', '.join(absent)}" if absent else None
