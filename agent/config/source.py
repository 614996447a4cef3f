"""Reads the file: bytes on disk to text, or the reason why not."""

from __future__ import annotations

import re
from pathlib import Path

from agent.config.problems import START, InvalidConfigError, Mark, Problem

SIZE_LIMIT = 256 * 1024
"""Bytes; a configuration of a thousand cameras has fewer."""

_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def read(path: Path) -> str:
    """The text of the file. Raises InvalidConfigError where it cannot be read as UTF-8 or is too big."""
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        raise _refused(
            path, "there is no such file. Write one (one camera's URL is enough), or give another path"
        ) from None
    except IsADirectoryError:
        raise _refused(path, "is a folder. Give the path of the file in it") from None
    except PermissionError:
        raise _refused(path, "may not be read by this user. Change its owner or its mode (chmod)") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        raise _refused(path, f"cannot be read ({reason}). Give the path of a text file") from None
    if len(data) > SIZE_LIMIT:
        raise _refused(path, f"is larger than {SIZE_LIMIT // 1024} KiB. Is it really the configuration?")
    text = _decoded(path, data)
    control = _CONTROL.search(text)
    if control is not None:
        raise InvalidConfigError(
            path,
            [
                Problem(
                    _mark(text[: control.start()]),
                    (),
                    f"has the character U+{ord(control[0]):04X}. Delete it",
                )
            ],
        )
    return text


def _decoded(path: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", errors="replace")
        text = f"is not UTF-8 (byte 0x{data[error.start]:02x}). Save the file as UTF-8"
        raise InvalidConfigError(path, [Problem(_mark(before), (), text)]) from None


def _mark(before: str) -> Mark:
    return Mark(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


def _refused(path: Path, text: str) -> InvalidConfigError:
    return InvalidConfigError(path, [Problem(START, (), text)])
