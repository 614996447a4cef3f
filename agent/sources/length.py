"""How long a recording is, for those who wait for its end."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import av
import av.error


def length_s(address: str) -> Optional[float]:
    """Seconds of a video file; None for everything that is not one, or does not say."""
    if not Path(address).is_file():
        return None
    try:
        with av.open(address) as container:
            return None if container.duration is None else container.duration / 1e6
    except av.error.FFmpegError:
        return None
