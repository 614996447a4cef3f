"""What people name in a command: cameras, kinds, incidents; asked for with buttons where it is missing."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Dict, List, Optional, Sequence

from agent.domain.incident import Incident, Kind
from agent.domain.silence import NEVER_SILENT
from alerts.bot.call import Button, Call, DeclinedError, Rows, rows
from alerts.bot.data import button, is_token, named, token
from alerts.bot.markup import plain
from alerts.telegram.words import EMOJI, kind_name

EVERY = "*"
"""Stands for all cameras, in button data and in what is typed."""
_MOST_BUTTONS = 60
_SEARCHED = 500
_ALIKE = 0.6


def cameras(call: Call) -> Dict[str, str]:
    """Id and name of every configured camera, in the configuration's order."""
    return {status.camera: call.controls.camera_name(status.camera) for status in call.controls.cameras()}


def camera(call: Call, word: str) -> str:
    """The id of the camera that a button or a person names; raises DeclinedError."""
    t = call.t
    names = cameras(call)
    if is_token(word):
        found = named(word, names)
        if found is None:
            raise DeclinedError(t("That camera is not there any more."))
        return found
    wanted = word.casefold()
    exact = [key for key, name in names.items() if wanted in (key.casefold(), name.casefold())]
    begun = [key for key in names if key.casefold().startswith(wanted)] + [
        key for key, name in names.items() if name.casefold().startswith(wanted)
    ]
    for candidates in (exact, list(dict.fromkeys(begun))):
        if len(candidates) == 1:
            return candidates[0]
    raise DeclinedError(_unknown(call, word, names))


def _unknown(call: Call, word: str, names: Dict[str, str]) -> str:
    t = call.t
    close = get_close_matches(word, [*names, *names.values()], n=1, cutoff=_ALIKE)
    if close:
        return t("There is no camera “{word}”. Did you mean <b>{close}</b>?", word=word, close=close[0])
    known = ", ".join(names)
    return t("There is no camera “{word}”. There are: {cameras}.", word=word, cameras=known)


def camera_label(call: Call, camera: str) -> str:
    """What people call a camera, be it configured no more."""
    return cameras(call).get(camera, camera)


def camera_buttons(call: Call, command: str, *before: str, every: Optional[str] = None) -> Rows:
    """A button per camera which asks for `command` with it, after the arguments `before`."""
    chosen = [
        button(name, command, *before, token(key))
        for key, name in list(cameras(call).items())[:_MOST_BUTTONS]
    ]
    if every is not None:
        chosen.insert(0, button(every, command, *before, EVERY))
    return rows(chosen)


def is_every(word: str) -> bool:
    return word.casefold() in (EVERY, "all", "tous", "toutes", "alle")


def kind(call: Call, word: str) -> Kind:
    """The kind that a button or a person names, in the language of the chat or by its English id."""
    t = call.t
    wanted = word.casefold()
    for each in Kind:
        if wanted in (each.value, kind_name(each, t).casefold()):
            return each
    known = ", ".join(each.value for each in Kind)
    raise DeclinedError(t("“{word}” is no kind of incident. There are: {kinds}.", word=word, kinds=known))


def hushable() -> List[Kind]:
    """The kinds that can be silenced."""
    return [each for each in Kind if each not in NEVER_SILENT]


def incident(call: Call, word: str) -> Incident:
    """The incident that a whole id names, or its end where that is enough; raises DeclinedError."""
    t = call.t
    past = call.services.history.get(word)
    if past is not None:
        return past.incident
    recent = call.services.history.list(limit=_SEARCHED)
    ending = [each for each in recent if each.id.casefold().endswith(word.casefold())]
    if word and len(ending) == 1:
        return ending[0]
    raise DeclinedError(t("There is no incident “{word}”. /incidents lists them.", word=word))


def incident_buttons(call: Call, command: str, incidents: Sequence[Incident]) -> Rows:
    """A button per incident which asks for `command` with it."""
    t = call.t
    names = cameras(call)
    chosen: List[Button] = []
    for each in incidents:
        what, where = plain(kind_name(each.kind, t)), names.get(each.camera, each.camera)
        label = f"{EMOJI[each.kind]} {what} · {where}"
        chosen.append(button(label, command, each.id))
    return rows(chosen, 1)
