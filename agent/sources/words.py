"""What goes wrong with cameras, in the same words whoever reads them."""

from __future__ import annotations

from typing import NamedTuple

from agent.errors import SourceError


class Words(NamedTuple):
    """What is wrong, what to do, whether it stalled, whether a person is needed."""

    reason: str
    advice: str
    stalled: bool = False
    permanent: bool = False

    def error(self, display: str) -> SourceError:
        """The error about the source that is shown as `display`."""
        return SourceError(
            f"{display}: {self.reason}: {self.advice}",
            stalled=self.stalled,
            permanent=self.permanent,
            reason=self.reason,
        )


SILENT = Words("no answer", "is it switched on and reachable from here?", stalled=True)
REFUSED = Words("connection refused", "is the camera on, and is the port right?")
UNREACHABLE = Words("unreachable", "check the cable, the network and the host's name")
BROKEN = Words("disconnected", "the connection broke")
CLOSED = Words("disconnected", "the far end closed the connection")
UNAUTHORISED = Words("wrong user name or password", "check both in the configuration", permanent=True)
NO_STREAM = Words("no such stream", "check the path after the host's name")
