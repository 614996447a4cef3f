"""/audit: who asked for what, and what came of it."""

from __future__ import annotations

from typing import Iterator, List

from agent.domain.access import Right
from agent.store.audit import AuditEntry
from alerts.bot.call import Call, Command, DeclinedError, Reply
from alerts.languages import N_
from alerts.telegram.words import local_time

_DEFAULT, _MOST = 15, 100


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    number = _DEFAULT
    if call.arguments:
        word = call.arguments[0]
        if not (word.isascii() and word.isdigit() and 1 <= int(word) <= _MOST):
            raise DeclinedError(t("How many? A number from 1 to {most}, please: /audit 30", most=_MOST))
        number = int(word)
    entries = call.services.audit.latest(number)
    lines: List[str] = [t("<b>Who asked for what</b>")]
    lines += [_line(call, entry) for entry in entries]
    yield call.say("\n".join(lines))


def _line(call: Call, entry: AuditEntry) -> str:
    t = call.t
    if entry.user is None:
        name = t("on the device")
    else:
        name = call.services.members.name_of(entry.user) or str(entry.user)
    return t(
        "{time} {who}: {what} → {outcome}",
        time=local_time(entry.at, call.now()),
        who=name,
        what=f"{entry.action} {entry.subject}".strip(),
        outcome=entry.outcome,
    )


AUDIT = Command("audit", Right.MANAGE, N_("Who asked for what"), _run)
