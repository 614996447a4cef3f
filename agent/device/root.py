"""Reads the small files in which Linux describes the machine; whatever they hold, never fails nor hangs."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Iterator, List, Optional

_LIMIT = 64 * 1024
_WORD = 200
_LINES_LIMIT = 64 * 1024 * 1024


class Root:
    """The file system under `folder`: `/` on a device, a temporary tree in tests. Paths begin with `/`."""

    def __init__(self, folder: Path = Path("/")) -> None:
        self._folder = folder

    def path(self, path: str) -> Path:
        return self._folder / path.lstrip("/")

    def exists(self, path: str) -> bool:
        try:
            return self.path(path).exists()
        except OSError:
            return False

    def find(self, pattern: str) -> List[str]:
        """The paths that match a glob pattern, in order; numbers count as numbers."""
        try:
            found = [f"/{path.relative_to(self._folder)}" for path in self._folder.glob(pattern.lstrip("/"))]
        except OSError:
            return []
        return sorted(found, key=lambda path: (len(path), path))

    def text(self, path: str) -> Optional[str]:
        """At most 64 KiB of a file, without what cannot be printed; None where it cannot be read."""
        try:
            with _Regular(self.path(path)) as descriptor:
                data = os.read(descriptor, _LIMIT)
        except OSError:
            return None
        text = data.decode("utf-8", errors="replace")
        return "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")

    def word(self, path: str) -> Optional[str]:
        """The first line, 200 characters at most; None where there is nothing to read."""
        lines = (self.text(path) or "").strip().splitlines()
        return lines[0].strip()[:_WORD] or None if lines else None

    def number(self, path: str) -> Optional[int]:
        """A file that holds one whole number, decimal or 0x...; None where it holds anything else."""
        return whole(self.word(path))

    def lines(self, path: str) -> Iterator[str]:
        """The lines of a large text file, 64 MiB at most; none where it cannot be read."""
        try:
            with _Regular(self.path(path)) as descriptor, os.fdopen(os.dup(descriptor), "rb") as file:
                left = _LINES_LIMIT
                while left > 0:
                    line = file.readline(min(left, _LIMIT))
                    if not line:
                        return
                    left -= len(line)
                    yield line.decode("utf-8", errors="replace").rstrip("\n")
        except OSError:
            return


class _Regular:
    """An open descriptor of a regular file, which sysfs and procfs give, too: a pipe would block for ever."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def __enter__(self) -> int:
        self._descriptor = os.open(str(self._path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
            self.__exit__()
            raise OSError(f"{self._path} is no regular file")
        return self._descriptor

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def whole(text: Optional[str]) -> Optional[int]:
    """A whole number, decimal or 0x..., within 64 bits; None for anything else."""
    try:
        number = int(text or "", 0) if (text or "").lower().startswith("0x") else int(text or "")
    except ValueError:
        return None
    return number if abs(number) < 2**63 else None
