"""/cancel: ends the conversation under way."""

from __future__ import annotations

from typing import Iterator

from alerts.bot import enrolling
from alerts.bot.call import Call, Command, Reply
from alerts.languages import N_


def _run(call: Call) -> Iterator[Reply]:
    yield from enrolling.cancel(call)


CANCEL = Command("cancel", None, N_("Stop what we are in the middle of"), _run)
