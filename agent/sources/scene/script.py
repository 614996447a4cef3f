"""The story of a scene: when smoke, flame and fire begin, and how strong each is at any time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Phase(str, Enum):
    """The parts of the story, in order; `out` is the fire dying and the street calm again."""

    CALM = "calm"
    SMOKE = "smoke"
    FLAME = "flame"
    FIRE = "fire"
    OUT = "out"


@dataclass(frozen=True)
class Blaze:
    """How much burns at one instant, each in 0..1: 1 is the most this scene ever shows of it."""

    smoke: float
    flame: float
    fire: float


@dataclass(frozen=True)
class SceneScript:
    """How long each phase lasts, in seconds of media time; 0 leaves a phase out."""

    calm_s: float
    smoke_s: float
    flame_s: float
    fire_s: float
    out_s: float

    @property
    def smoke_at(self) -> float:
        """When the first smoke rises; what has no smoke phase smokes from when it burns."""
        return self.calm_s

    @property
    def flame_at(self) -> float:
        return self.smoke_at + self.smoke_s

    @property
    def fire_at(self) -> float:
        return self.flame_at + self.flame_s

    @property
    def out_at(self) -> float:
        return self.fire_at + self.fire_s

    @property
    def end_s(self) -> float:
        return self.out_at + self.out_s

    @property
    def calm_again_at(self) -> float:
        """When the last smoke has cleared; later than `end_s` where `out_s` is too short for it."""
        return self.out_at + _CLEARS_S

    def phase(self, media_s: float) -> Phase:
        """The phase at `media_s`; the last one also after the end."""
        starts = (
            (Phase.OUT, self.out_at, self.out_s),
            (Phase.FIRE, self.fire_at, self.fire_s),
            (Phase.FLAME, self.flame_at, self.flame_s),
            (Phase.SMOKE, self.smoke_at, self.smoke_s),
        )
        return next((phase for phase, at, length in starts if length > 0 and media_s >= at), Phase.CALM)

    def blaze(self, media_s: float) -> Blaze:
        """How much burns at `media_s`."""
        if media_s >= self.out_at and self.out_s > 0:
            last = self._growing(self.out_at)
            gone = media_s - self.out_at
            return Blaze(
                smoke=last.smoke * (1.0 - _ramp(gone, _CLEARS_S)),
                flame=last.flame * (1.0 - _ramp(gone, _DIES_S)),
                fire=last.fire * (1.0 - _ramp(gone, _DIES_S)),
            )
        return self._growing(media_s)

    def _growing(self, media_s: float) -> Blaze:
        return Blaze(
            smoke=_ramp(media_s - self.smoke_at, _GROWS_S),
            flame=_ramp(media_s - self.flame_at, _CATCHES_S) if self.flame_s > 0 else 0.0,
            fire=_ramp(media_s - self.fire_at, _GROWS_S) if self.fire_s > 0 else 0.0,
        )


_GROWS_S = 3.0
_CATCHES_S = 2.0
_DIES_S = 3.0
_CLEARS_S = 8.0


def _ramp(elapsed_s: float, length_s: float) -> float:
    """0 before, 1 after, smooth in between."""
    share = min(max(elapsed_s / length_s, 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)
