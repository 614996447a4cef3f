"""How a camera's guard is said."""

from __future__ import annotations

from agent.domain.guard import Guard
from alerts.bot.call import Call
from alerts.bot.words import week_text
from alerts.languages import Markup, Texts
from alerts.telegram.words import local_time


def armed_text(call: Call, guard: Guard) -> str:
    """Armed or not, until when, by which hours; HTML."""
    t = call.t
    now = call.now()
    if guard.armed(now, now.astimezone()):
        text = t("🛡 armed")
    elif guard.disarmed and guard.disarmed_until is not None and now < guard.disarmed_until:
        text = t("💤 disarmed until {time}", time=local_time(guard.disarmed_until, now))
    elif guard.disarmed and guard.disarmed_until is None:
        text = t("💤 disarmed until it is armed again")
    else:
        text = t("💤 not armed at this hour")
    if guard.week is not None:
        return t("{armed}, hours: {week}", armed=Markup(text), week=Markup(week_text(guard.week, t)))
    return text


def always_told(t: Texts) -> str:
    return t("Fire, starting fire and smoke are told whatever is armed.")
