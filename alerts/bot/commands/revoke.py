"""/revoke: takes a chat's access away; asks again first."""

from __future__ import annotations

from typing import Iterator

from agent.domain.access import Right
from alerts.bot.call import Call, Command, Reply
from alerts.bot.data import button
from alerts.bot.markup import plain
from alerts.bot.roles import keep_one_administrator, member, member_buttons
from alerts.languages import N_

_YES = "!yes"


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    if not call.arguments:
        yield call.ask(t("Whose access shall be taken away?"), member_buttons(call, "revoke"))
        return
    sure = call.arguments[-1] == _YES
    chosen = member(call, " ".join(call.arguments[:-1] if sure else call.arguments))
    keep_one_administrator(call, chosen, None)
    if not sure:
        yes = button(plain(t("Yes, take it away")), "revoke", str(chosen.chat), _YES)
        yield call.ask(t("Shall <b>{title}</b> have no access any more?", title=chosen.title), ((yes,),))
        return
    call.services.members.revoke(chosen.chat)
    text = t("<b>{title}</b> has no access any more.", title=chosen.title)
    yield Reply(text, edit=call.pressed, menus=(chosen.chat,))


REVOKE = Command("revoke", Right.MANAGE, N_("Take somebody's access away"), _run)
