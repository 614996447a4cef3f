"""How a chat is let in: by a one-time code; and what one that was not let in is told, once."""

from __future__ import annotations

from dataclasses import replace
from typing import Iterator

from agent.domain.access import ChatKind, Member
from alerts.bot.call import DECLINED, REFUSED, Call, DeclinedError, Place, Reply
from alerts.bot.words import role_name
from alerts.languages import Texts


def refusal(t: Texts, place: Place) -> Reply:
    """The one polite answer to a chat that was not let in."""
    if place.kind is ChatKind.GROUP:
        text = t(
            "Hello. I watch cameras for fire, and speak only where I was let in. To let this group in, ask an"
            " administrator of the device for a code and write here: /start CODE"
        )
    else:
        text = t(
            "Hello. I watch cameras for fire, and speak only with people who were let in. To be let in, ask"
            " an administrator of the device for a code and send me: /start CODE"
        )
    return Reply(text, outcome=REFUSED)


def pair(call: Call, code: str) -> Iterator[Reply]:
    """Try a code; whoever used up the tries is not answered any more."""
    services, t = call.services, call.t
    # In a group the person's tries count, so that a new group is no new set of them.
    if not services.strangers.may_try(call.person.id):
        if call.member is not None:
            raise DeclinedError(t("Too many wrong codes. Try again in an hour."))
        yield Reply(outcome=DECLINED)
        return
    invitation = services.invitations.redeem(code, call.place.id)
    if invitation is None:
        raise DeclinedError(
            t("That code is wrong, was used already or is too old. Ask for a new one, and mind every letter.")
        )
    if call.member is not None:
        services.members.admit(replace(call.member, role=invitation.role))
    else:
        services.members.admit(
            Member(
                chat=call.place.id,
                kind=call.place.kind,
                title=call.place.title,
                role=invitation.role,
                language=call.t.language,
                joined_at=call.now(),
                invited_by=invitation.by,
            )
        )
    services.members.remember(call.person.id, call.person.name)
    welcome = t(
        "Welcome. This chat is now <b>{role}</b>, and will be told of fire. /help lists what you can do here,"
        " /lang changes the language.",
        role=role_name(invitation.role, t),
    )
    yield Reply(welcome, menus=(call.place.id,))
