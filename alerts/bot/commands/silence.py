"""/silence: tell people nothing of one kind on one camera for a while; lists and lifts, too."""

from __future__ import annotations

from typing import Iterator, List, Optional, Tuple

from agent.domain.access import Right
from agent.domain.incident import Kind
from agent.domain.silence import NEVER_SILENT, Silence
from alerts.bot.call import Button, Call, Command, DeclinedError, Reply, rows
from alerts.bot.choosing import camera, camera_buttons, cameras, hushable, kind
from alerts.bot.data import button, token
from alerts.bot.excuses import never_silent
from alerts.bot.hours import duration_s
from alerts.bot.markup import plain
from alerts.bot.words import who
from alerts.languages import N_, Markup
from alerts.telegram.words import duration, kind_name, local_time

_LIFT = "!lift"
_OFFERED = ("30m", "1h", "4h", "12h", "1d", "7d")


def _run(call: Call) -> Iterator[Reply]:
    if not call.arguments:
        yield _overview(call)
    elif call.arguments[0] == _LIFT and len(call.arguments) == 3:
        yield _lift(call, camera(call, call.arguments[1]), kind(call, call.arguments[2]))
    else:
        where, what, lasts = _read(call)
        yield _silence(call, where, what, lasts)


def _overview(call: Call) -> Reply:
    """What is silent now, a button to end each, and the cameras to begin another."""
    t = call.t
    names = cameras(call)
    silences = call.controls.silences()
    lines = [_line(call, each, names.get(each.camera, each.camera)) for each in silences]
    lines.insert(0, t("<b>Silent now</b>") if silences else t("Nothing is silenced."))
    lines.append(t("To silence something, choose a camera."))
    lift = [
        button(
            plain(t("End: {what} · {where}", what=Markup(kind_name(each.kind, t)), where=names[each.camera])),
            "silence",
            _LIFT,
            token(each.camera),
            each.kind.value,
        )
        for each in silences
        if each.camera in names
    ]
    return call.ask("\n".join(lines), (*rows(lift, 1), *camera_buttons(call, "silence")))


def _line(call: Call, silence: Silence, name: str) -> str:
    t = call.t
    return t(
        "🔕 {what} · {where}: until {time}, by {who}",
        what=Markup(kind_name(silence.kind, t)),
        where=name,
        time=local_time(silence.until, call.now()),
        who=who(silence.by, call.services.members, t),
    )


def _read(call: Call) -> Tuple[str, Optional[Kind], Optional[float]]:
    """Camera, kind and duration, read from the end: a camera's name may have spaces in it."""
    t = call.t
    words: List[str] = list(call.arguments)
    lasts = duration_s(words[-1])
    if lasts is not None:
        words.pop()
    elif len(words) > 2:
        raise DeclinedError(t("“{word}” is no duration. Write 30m, 1h, 2d; 30 days at most.", word=words[-1]))
    what: Optional[Kind] = None
    if len(words) > 1:
        try:
            return camera(call, " ".join(words)), None, lasts
        except DeclinedError:
            what = kind(call, words.pop())
    if not words:
        raise DeclinedError(t("Which camera, which kind, how long? For example: /silence yard object 1h"))
    return camera(call, " ".join(words)), what, lasts


def _silence(call: Call, where: str, what: Optional[Kind], lasts: Optional[float]) -> Reply:
    t = call.t
    name = call.controls.camera_name(where)
    if what is None:
        choice = [
            button(plain(kind_name(each, t)), "silence", token(where), each.value) for each in hushable()
        ]
        question = t("What shall be silent on <b>{where}</b>?", where=name)
        return call.ask(f"{question}\n{never_silent(t)}", rows(choice))
    if what in NEVER_SILENT:
        raise DeclinedError(never_silent(t))
    if lasts is None:
        spans: List[Button] = [
            button(plain(duration(duration_s(each) or 0, t)), "silence", token(where), what.value, each)
            for each in _OFFERED
        ]
        return call.ask(t("For how long?"), rows(spans, 3))
    silence = call.controls.silence(where, what, lasts, call.actor)
    undo = button(plain(t("End it")), "silence", _LIFT, token(where), what.value)
    return call.say(_line(call, silence, name), ((undo,),))


def _lift(call: Call, where: str, what: Kind) -> Reply:
    t = call.t
    ended = call.controls.lift(where, what, call.actor)
    values = {"what": Markup(kind_name(what, t)), "where": call.controls.camera_name(where)}
    if ended:
        return call.say(t("🔔 {what} · {where}: told again", **values))
    return call.say(t("{what} · {where}: was not silent any more", **values))


SILENCE = Command("silence", Right.ACT, N_("Tell nothing of one kind on one camera for a while"), _run)
