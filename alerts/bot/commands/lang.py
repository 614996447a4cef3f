"""/lang: the language of this chat."""

from __future__ import annotations

from typing import Iterator

from alerts.bot.call import Call, Command, DeclinedError, Reply, rows
from alerts.bot.data import button
from alerts.languages import LANGUAGES, N_, texts


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    if not call.arguments:
        buttons = rows([button(name, "lang", code) for code, name in LANGUAGES.items()], 3)
        yield call.ask(t("Which language?"), buttons)
        return
    wanted = call.arguments[0].casefold()
    chosen = [code for code, name in LANGUAGES.items() if wanted in (code, name.casefold())]
    if not chosen:
        raise DeclinedError(t("I speak: {languages}", languages=", ".join(LANGUAGES.values())))
    call.services.members.set_language(call.place.id, chosen[0])
    t = texts(chosen[0])
    yield Reply(t("This chat is in English now."), edit=call.pressed, menus=(call.place.id,))


LANG = Command("lang", None, N_("The language of this chat"), _run)
