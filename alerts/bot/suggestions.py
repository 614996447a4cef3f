"""What is said to words that are no command."""

from __future__ import annotations

from typing import Optional

from alerts.bot.call import DECLINED, Call, Reply
from alerts.bot.data import button

_SHOWN = 32


def suggestion(call: Call, word: str, close: Optional[str]) -> Reply:
    """`Did you mean`, with a button for it, or where the help is."""
    t = call.t
    if close is None:
        return Reply(t("I do not understand that. /help lists what I can do."), outcome=DECLINED)
    text = t(
        "I do not know “{word}”. Did you mean /{command}?", word=word.lstrip("/")[:_SHOWN], command=close
    )
    return Reply(text, buttons=((button(f"/{close}", close),),), outcome=DECLINED)
