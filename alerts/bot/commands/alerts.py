"""/alerts: whether this chat is told of incidents."""

from __future__ import annotations

from typing import Iterator

from agent.domain.access import ChatKind, Right
from alerts.bot.call import Call, Command, DeclinedError, Reply
from alerts.bot.data import button
from alerts.bot.markup import plain
from alerts.languages import N_

_ON = ("on", "oui", "aan")
_OFF = ("off", "non", "uit")


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    word = call.arguments[0].casefold() if call.arguments else ""
    if word not in (*_ON, *_OFF):
        member = call.member
        now = (
            t("This chat is told of incidents.")
            if member and member.alerts
            else t("This chat is told of nothing.")
        )
        on, off = button(plain(t("Tell")), "alerts", "on"), button(plain(t("Do not tell")), "alerts", "off")
        yield call.ask(now, ((on, off),))
        return
    if call.place.kind is ChatKind.GROUP and Right.ACT not in call.rights:
        raise DeclinedError(t("You may not decide that for the whole group."))
    call.services.members.set_alerts(call.place.id, word in _ON)
    if word in _ON:
        yield call.say(t("From now on this chat is told of incidents."))
    else:
        yield call.say(
            t("⚠️ From now on this chat is told of nothing, <b>not even of fire</b>. /alerts on ends that.")
        )


ALERTS = Command("alerts", None, N_("Whether this chat is told of incidents"), _run)
