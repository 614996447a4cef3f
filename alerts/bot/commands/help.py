"""/help: what who asks may do here."""

from __future__ import annotations

from typing import Iterator, List

from alerts.bot.call import Call, Command, Reply
from alerts.languages import N_, Markup


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    lines: List[str] = [t("<b>What you can ask here</b>")]
    for each in call.offered:
        lines.append(t("/{command}: {summary}", command=each.name, summary=Markup(t(each.summary))))
    lines.append(t("Fire, starting fire and smoke are always told, whatever is silenced or disarmed."))
    yield call.say("\n".join(lines))


HELP = Command("help", None, N_("What you can ask here"), _run)
