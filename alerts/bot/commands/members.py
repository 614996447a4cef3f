"""/members: every chat that was let in, and the invitations that are open."""

from __future__ import annotations

from typing import Iterator, List

from agent.domain.access import ChatKind, Member, Right
from alerts.bot.call import Call, Command, Reply
from alerts.bot.words import role_name, who
from alerts.languages import N_, Markup
from alerts.telegram.words import local_time


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    lines: List[str] = [t("<b>Who was let in</b>")]
    lines += [_line(call, each) for each in call.services.members.all()]
    for invitation in call.services.invitations.open():
        lines.append(
            t(
                "✉️ open invitation: {role}, until {time}, by {who}",
                role=Markup(role_name(invitation.role, t)),
                time=local_time(invitation.expires_at, call.now()),
                who=who(invitation.by, call.services.members, t),
            )
        )
    lines.append(t("/role changes a role, /revoke takes access away, /invite lets somebody in."))
    yield call.say("\n".join(lines))


def _line(call: Call, member: Member) -> str:
    t = call.t
    notes = [role_name(member.role, t), member.language]
    if not member.alerts:
        notes.append(t("wants no alerts"))
    if member.unreachable is not None:
        notes.append(t("cannot be reached: {why}", why=member.unreachable))
    return t(
        "{mark} <b>{title}</b> (<code>{chat}</code>): {notes}",
        mark="👥" if member.kind is ChatKind.GROUP else "👤",
        title=member.title,
        # Numbers of chats are names, not amounts.
        chat=str(member.chat),
        notes=Markup(", ".join(notes)),
    )


MEMBERS = Command("members", Right.MANAGE, N_("Who was let in, and as what"), _run)
