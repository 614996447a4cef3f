"""Words for what only the bot speaks of: roles, people, sizes, hours of the week."""

from __future__ import annotations

from typing import Optional

from agent.domain.access import Role
from agent.domain.camera import CameraState
from agent.domain.guard import Hours, Week
from agent.store.members import Members
from alerts.languages import Texts
from alerts.telegram.recipients import Recipients

_UNIT = 1024.0


def role_name(role: Role, t: Texts) -> str:
    return {
        Role.VIEWER: t("viewer"),
        Role.OPERATOR: t("operator"),
        Role.ENROLLER: t("enroller"),
        Role.ADMIN: t("administrator"),
    }[role]


def camera_state(state: CameraState, t: Texts) -> str:
    """A mark and a word."""
    return {
        CameraState.ONLINE: t("🟢 sees"),
        CameraState.DEGRADED: t("🟡 sees poorly"),
        CameraState.BLIND: t("🔴 blind"),
        CameraState.OFFLINE: t("🔴 offline"),
        CameraState.DISABLED: t("⚪ switched off"),
    }[state]


def who(actor: Optional[str], members: Members, t: Texts) -> str:
    """What people call an actor, as far as that is known."""
    return Recipients(members).name(actor) or t("somebody")


def size(amount: float, t: Texts) -> str:
    """Bytes in the largest unit that leaves a number to read."""
    gigabytes = amount / _UNIT**3
    if gigabytes >= 1:
        point = "." if t.language == "en" else ","
        return t("{amount} GB", amount=f"{gigabytes:.1f}".replace(".", point))
    return t("{amount} MB", amount=f"{amount / _UNIT**2:.0f}")


def weekday(number: int, t: Texts) -> str:
    """0 is Monday."""
    return (t("Mon"), t("Tue"), t("Wed"), t("Thu"), t("Fri"), t("Sat"), t("Sun"))[number]


def week_text(week: Week, t: Texts) -> str:
    """Every span of hours with its days."""
    return ", ".join(_hours_text(hours, t) for hours in week)


def _hours_text(hours: Hours, t: Texts) -> str:
    days = list(hours.days)
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        named = f"{weekday(days[0], t)}-{weekday(days[-1], t)}"
    else:
        named = " ".join(weekday(day, t) for day in days)
    return f"{named} {hours.start:%H:%M}-{hours.end:%H:%M}"
