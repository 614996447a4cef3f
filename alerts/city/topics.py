"""The names of the topics of the city interface, version 1."""

from __future__ import annotations

from agent.domain.face_event import FaceEventKind
from agent.domain.incident import Kind, Transition
from agent.domain.object_event import ObjectEventKind

CONTRACT = "beffroi/v1"


class Topics:
    """The topics of one device, all below `beffroi/v1/<site>/<device>`."""

    def __init__(self, site: str, device: str) -> None:
        self.root = f"{CONTRACT}/{site}/{device}"

    @property
    def availability(self) -> str:
        """Retained `online` or `offline`."""
        return f"{self.root}/availability"

    @property
    def status(self) -> str:
        """Retained JSON: what runs here."""
        return f"{self.root}/status"

    @property
    def health(self) -> str:
        """JSON: how the device is doing; not retained."""
        return f"{self.root}/health"

    @property
    def selftest(self) -> str:
        """CloudEvents of drills, apart from incidents so that no city reacts; not retained."""
        return f"{self.root}/event/selftest"

    def face(self, kind: FaceEventKind) -> str:
        """CloudEvents of enrolled people, by number; not retained."""
        return f"{self.root}/event/{kind.value}"

    def object(self, kind: ObjectEventKind) -> str:
        """CloudEvents of things that a rule held for; not retained."""
        return f"{self.root}/event/{kind.value}"

    def line_counts(self, camera: str) -> str:
        """Retained JSON: how many crossed each line of one camera."""
        return f"{self.root}/camera/{camera}/counts"

    def camera_status(self, camera: str) -> str:
        """Retained JSON: what one camera sees."""
        return f"{self.root}/camera/{camera}/status"

    def incident(self, kind: Kind, transition: Transition) -> str:
        """CloudEvents of one kind and transition; not retained."""
        return f"{self.root}/incident/{kind.value}/{transition.value}"
