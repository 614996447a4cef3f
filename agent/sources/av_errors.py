"""FFmpeg's errors, told in our words: what is wrong, whether it stalled, whether a person is needed.

FFmpeg's own messages hold the address with its password, so nothing of them is passed on.
"""

from __future__ import annotations

import errno
from typing import Dict, NamedTuple, Optional

from agent.errors import SourceError


class _Words(NamedTuple):
    reason: str
    advice: str
    stalled: bool = False
    permanent: bool = False


_SILENT = _Words("no answer", "is it switched on and reachable from here?", stalled=True)
_REFUSED = _Words("connection refused", "is the camera on, and is the port right?")
_UNREACHABLE = _Words("unreachable", "check the cable, the network and the host's name")
_BROKEN = _Words("disconnected", "the connection broke")

_BY_NAME: Dict[str, _Words] = {
    "HTTPUnauthorizedError": _Words(
        "wrong user name or password", "check both in the configuration", permanent=True
    ),
    "HTTPForbiddenError": _Words("access forbidden", "the user may not see this stream", permanent=True),
    "HTTPNotFoundError": _Words("no such stream", "check the path after the host's name"),
    "FileNotFoundError": _Words("no such file", "check the path", permanent=True),
    "PermissionError": _Words("permission denied", "let the agent's user read it", permanent=True),
    "ProtocolNotFoundError": _Words(
        "unknown protocol", "use rtsp://, rtsps:// or http(s)://", permanent=True
    ),
    "ConnectionRefusedError": _REFUSED,
    "ConnectionResetError": _BROKEN,
    "BrokenPipeError": _BROKEN,
    "EOFError": _Words("disconnected", "the far end closed the connection"),
    "TimeoutError": _SILENT,
    "ExitError": _SILENT,  # FFmpeg was interrupted because our time was up
}

_BY_ERRNO: Dict[int, _Words] = {
    errno.EHOSTUNREACH: _UNREACHABLE,
    errno.ENETUNREACH: _UNREACHABLE,
    errno.EIO: _UNREACHABLE,  # what FFmpeg says of a host whose name does not resolve
}


def source_error(error: Exception, display: str, *, live: bool, timed_out: bool = False) -> SourceError:
    """The SourceError for one of FFmpeg's; raise it `from None`, for the cause names the password.

    `timed_out`: our time was up, which FFmpeg takes for broken data in some places.
    """
    known = (_BY_NAME[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in _BY_NAME)
    words: Optional[_Words] = next(known, None)
    if timed_out:
        words = _SILENT
    if words is None:
        words = _BY_ERRNO.get(getattr(error, "errno", 0))
    if words is None or (words is _UNREACHABLE and not live):
        words = _unreadable(live)
    return SourceError(
        f"{display}: {words.reason}: {words.advice}",
        stalled=words.stalled,
        permanent=words.permanent,
        reason=words.reason,
    )


def _unreadable(live: bool) -> _Words:
    if live:
        return _Words("unreadable stream", "it does not send a video that FFmpeg knows")
    return _Words("not a readable video", "it is damaged, incomplete or something else", permanent=True)
