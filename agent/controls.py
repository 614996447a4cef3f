"""What people may ask of a running agent; the bot, and whatever else takes orders, meets it through this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Iterator, List, Optional

from typing_extensions import Protocol

from agent.domain.camera import CameraStatus
from agent.domain.guard import Guard, Week
from agent.domain.health import AgentStatus, Health
from agent.domain.incident import Incident, Kind
from agent.domain.silence import Silence
from agent.errors import BeffroiError


class RequestError(BeffroiError):
    """What was asked cannot be done, and nothing was changed."""


class UnknownCameraError(RequestError):
    """No camera has this id."""


class UnknownIncidentError(RequestError):
    """No incident has this id."""


class ClosedIncidentError(RequestError):
    """The incident's state does not allow it any more; `incident` is how it stands."""

    def __init__(self, message: str, incident: Incident) -> None:
        super().__init__(message)
        self.incident = incident


class NoPictureError(RequestError):
    """The camera gives no picture now."""


class NeverSilentError(RequestError):
    """Fire, start-fire and smoke cannot be silenced."""


class BusyError(RequestError):
    """The agent is starting, stopping, or already does just that."""


@dataclass(frozen=True)
class Hop:
    """One step of the self-test: which, whether it went well, how long it took, and what to know of it.

    `step` is one of `picture`, `look`, `confirm`, `record`, or `tell:<sink>`.
    """

    step: str
    ok: bool
    took_ms: float
    detail: str = ""


class Controls(Protocol):
    """Safe from any thread; everything may block for a few seconds and raises RequestError or StoreError.

    `actor` is who asks, as it is kept on the incident and published: `telegram:<user id>`, never a name.
    """

    def status(self) -> AgentStatus:
        """What runs here."""

    def health(self) -> Health:
        """How the device is doing now."""

    def cameras(self) -> List[CameraStatus]:
        """Every configured camera, in the configuration's order."""

    def camera_name(self, camera: str) -> str:
        """What people call it. Raises UnknownCameraError."""

    def live_picture(self, camera: str) -> bytes:
        """The newest picture as a JPEG with camera and time written on it. Raises NoPictureError."""

    def acknowledge(self, incident_id: str, actor: str) -> Incident:
        """A person takes it on. Raises UnknownIncidentError, ClosedIncidentError."""

    def dismiss(self, incident_id: str, actor: str) -> Incident:
        """A person says that it is, or was, a false alarm; also of one that is resolved already."""

    def silence(self, camera: str, kind: Kind, duration_s: float, actor: str) -> Silence:
        """Tell people nothing of this kind on this camera for a while, LONGEST_SILENCE_S at most. It takes
        the place of one that is in force. Raises NeverSilentError."""

    def silences(self) -> List[Silence]:
        """Those in force, the next to end first."""

    def lift(self, camera: str, kind: Kind, actor: str) -> bool:
        """End a silence early; false where there was none."""

    def guard(self, camera: str) -> Guard:
        """Whether the camera is armed, and by which schedule."""

    def arm(self, camera: Optional[str], actor: str) -> None:
        """Tell people of the lesser kinds on this camera again (all cameras: None).

        Outside the hours of a schedule it is armed until they begin.
        """

    def disarm(self, camera: Optional[str], actor: str, until: Optional[datetime] = None) -> None:
        """Tell people of nothing but fire, start-fire and smoke, until told otherwise or until then."""

    def schedule(self, camera: Optional[str], week: Optional[Week], actor: str) -> None:
        """Arm by the hours of the week; None takes the schedule away. What was armed or disarmed before
        counts no more."""

    def selftest(self, actor: str) -> Iterator[Hop]:
        """Send a rendered fire through the whole path, marked as a drill; yields each hop as it ends.

        Raises BusyError at the first step where one runs already.
        """
