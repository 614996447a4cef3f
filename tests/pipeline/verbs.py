"""The verbs as processes of their own, and the settings of a network that learns in seconds."""

from __future__ import annotations

import subprocess
import sys

TINY = ["--net", "tiny", "--side", "32", "--final-side", "32", "--batch", "8", "--head-rate", "0.03"]


def verb(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "models", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
