"""The policies of the cameras, set up from the configuration and the model's own thresholds."""

from __future__ import annotations

import secrets
from typing import Callable, Mapping

from agent.config.settings import BlindSettings, FireSettings
from agent.domain.policy.settings import CameraPolicySettings, FirePolicySettings
from agent.ports import Clock


def fire_policy_settings(section: FireSettings, thresholds: Mapping[str, float]) -> FirePolicySettings:
    """What the configuration leaves out comes from the bundle's thresholds (open_above, close_below,
    fire_above), then from the defaults."""
    default = FirePolicySettings()
    chosen = {
        name: section_value if section_value is not None else thresholds.get(name, getattr(default, name))
        for name, section_value in (
            ("open_above", section.open_above),
            ("close_below", section.close_below),
            ("fire_above", section.fire_above),
        )
    }
    # A stricter configured threshold must not end above the one that opens.
    chosen["close_below"] = min(chosen["close_below"], chosen["open_above"])
    return FirePolicySettings(
        needed=section.needed,
        window=section.window,
        half_life_s=section.half_life_s,
        resolve_after_s=section.resolve_after_s,
        renotify_s=section.renotify_s,
        cooldown_s=section.cooldown_s,
        dismissed_again_after_s=section.dismissed_again_after_s,
        **chosen,
    )


def camera_policy_settings(section: BlindSettings) -> CameraPolicySettings:
    return CameraPolicySettings(section.blind_after_s, section.incident_after_s, section.recover_after_s)


def incident_ids(clock: Clock) -> Callable[[], str]:
    """Ids that a person can read out: when it began (UTC), and enough chance to tell two apart."""
    return lambda: f"{clock.now():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
