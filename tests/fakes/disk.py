"""Where tests that are not about the disk keep their files: in memory where that is possible."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

_MEMORY = "/dev/shm"


@contextmanager
def fast_folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    where = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=where) as folder:
        yield Path(folder)
