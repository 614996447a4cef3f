"""What the policies can be told; defaults suit a street camera looked at five times a second."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FirePolicySettings:
    """Thresholds are probabilities in 0..1, times are seconds.

    An incident opens when `needed` of the last `window` looks say danger >= `open_above` and the smoothed
    danger agrees; it is fire where as many looks say fire >= `fire_above`. It resolves once the smoothed
    danger has stayed below `close_below` for `resolve_after_s`. What a person dismissed and still burns is
    an incident again after `dismissed_again_after_s`.

    Where boxes say how large it is: what grows by `grows_above` within `grows_within_s` is fire where
    `needed_growing` looks say so; what covers `spreads_by` times the area that was told is told again.
    """

    open_above: float = 0.6
    close_below: float = 0.35
    fire_above: float = 0.5
    needed: int = 5
    window: int = 8
    half_life_s: float = 0.6
    resolve_after_s: float = 20.0
    renotify_s: float = 60.0
    cooldown_s: float = 60.0
    stale_after_s: float = 10.0
    dismissed_again_after_s: float = 600.0
    grows_above: float = 1.5
    grows_within_s: float = 3.0
    spreads_by: float = 2.0

    @property
    def needed_growing(self) -> int:
        """Half of `needed`, rounded up; 2 at least, where `needed` is not less itself."""
        return min(self.needed, max(2, (self.needed + 1) // 2))


@dataclass(frozen=True)
class CameraPolicySettings:
    """Times in seconds: how long without a new usable picture makes a camera blind, how much longer makes an
    incident of it, and how long good pictures must last before it is online again."""

    blind_after_s: float = 10.0
    incident_after_s: float = 20.0
    recover_after_s: float = 2.0
