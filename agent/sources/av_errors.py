"""FFmpeg's errors, told in our words: what is wrong, whether it stalled, whether a person is needed.

FFmpeg's own messages hold the address with its password, so nothing of them is passed on.
"""

from __future__ import annotations

import errno
from typing import Dict, Optional

from agent.errors import SourceError
from agent.sources.words import (
    BROKEN,
    CLOSED,
    NO_STREAM,
    REFUSED,
    SILENT,
    UNAUTHORISED,
    UNREACHABLE,
    Words,
)

_BY_NAME: Dict[str, Words] = {
    "HTTPUnauthorizedError": UNAUTHORISED,
    "HTTPForbiddenError": Words("access forbidden", "the user may not see this stream", permanent=True),
    "HTTPNotFoundError": NO_STREAM,
    "FileNotFoundError": Words("no such file", "check the path", permanent=True),
    "PermissionError": Words("permission denied", "let the agent's user read it", permanent=True),
    "ProtocolNotFoundError": Words("unknown protocol", "use rtsp://, rtsps:// or http(s)://", permanent=True),
    "ConnectionRefusedError": REFUSED,
    "ConnectionResetError": BROKEN,
    "BrokenPipeError": BROKEN,
    "EOFError": CLOSED,
    "TimeoutError": SILENT,
    "ExitError": SILENT,  # FFmpeg was interrupted because our time was up
}

_BY_ERRNO: Dict[int, Words] = {
    errno.EHOSTUNREACH: UNREACHABLE,
    errno.ENETUNREACH: UNREACHABLE,
    errno.EIO: UNREACHABLE,  # what FFmpeg says of a host whose name does not resolve
}


def source_error(error: Exception, display: str, *, live: bool, timed_out: bool = False) -> SourceError:
    """The SourceError for one of FFmpeg's; raise it `from None`, for the cause names the password.

    `timed_out`: our time was up, which FFmpeg takes for broken data in some places.
    """
    known = (_BY_NAME[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in _BY_NAME)
    words: Optional[Words] = next(known, None)
    if timed_out:
        words = SILENT
    if words is None:
        words = _BY_ERRNO.get(getattr(error, "errno", 0))
    if words is None or (words is UNREACHABLE and not live):
        words = _unreadable(live)
    return words.error(display)


def _unreadable(live: bool) -> Words:
    if live:
        return Words("unreadable stream", "it does not send a video that FFmpeg knows")
    return Words("not a readable video", "it is damaged, incomplete or something else", permanent=True)
