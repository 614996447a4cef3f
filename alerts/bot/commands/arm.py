"""/arm and /disarm: whether people are told of the lesser kinds on a camera, now or by the week's hours."""

from __future__ import annotations

from typing import Iterator, List, Optional, Tuple

from agent.domain.access import Right
from agent.domain.guard import Week
from alerts.bot.arming import always_told, armed_text
from alerts.bot.call import Button, Call, Command, DeclinedError, Reply, rows
from alerts.bot.choosing import EVERY, camera, camera_buttons, cameras, is_every
from alerts.bot.data import button, token
from alerts.bot.hours import begins_week, duration_s, week
from alerts.bot.markup import plain
from alerts.languages import N_, Markup
from alerts.telegram.words import duration

_OPEN = "!open"
_ALWAYS = ("always", "toujours", "altijd")
_OFFERED = ("1h", "4h", "12h", "1d")


def _arm(call: Call) -> Iterator[Reply]:
    t = call.t
    if not call.arguments:
        yield _which(
            call,
            "arm",
            t("Which camera shall be armed? Hours can be given too: /arm yard mon-fri 18:00-07:00"),
        )
        return
    where, rest = _split(call)
    if rest:
        hours = _week(call, rest)
        call.controls.schedule(where, hours, call.actor)
    else:
        call.controls.arm(where, call.actor)
    yield _states(call, where)


def _disarm(call: Call) -> Iterator[Reply]:
    t = call.t
    if not call.arguments:
        yield _which(call, "disarm", t("Which camera shall be disarmed?"))
        return
    words = list(call.arguments)
    lasts = duration_s(words[-1])
    forever = words[-1] == _OPEN
    if lasts is not None or forever:
        words.pop()
    where = _camera(call, words)
    if call.pressed and lasts is None and not forever:
        yield call.ask(t("For how long?"), rows([*_spans(call, where), _open_end(call, where)]))
        return
    call.controls.disarm(where, call.actor, None if lasts is None else call.ends(lasts))
    yield _states(call, where)


def _which(call: Call, command: str, question: str) -> Reply:
    t = call.t
    known = cameras(call)
    every = plain(t("All")) if len(known) > 1 else None
    lines = [_state(call, each, name) for each, name in known.items()]
    return call.ask("\n".join([*lines, question]), camera_buttons(call, command, every=every))


def _split(call: Call) -> Tuple[Optional[str], List[str]]:
    """The camera that is named (None: all), and the words after it."""
    words = list(call.arguments)
    starts = [n for n, word in enumerate(words) if begins_week(word) or word.lower() in _ALWAYS]
    begin = starts[0] if starts else len(words)
    return _camera(call, words[:begin]), words[begin:]


def _camera(call: Call, words: List[str]) -> Optional[str]:
    word = " ".join(words)
    return None if not word or is_every(word) else camera(call, word)


def _week(call: Call, words: List[str]) -> Optional[Week]:
    t = call.t
    if len(words) == 1 and words[0].lower() in _ALWAYS:
        return None
    hours = week(words)
    if hours is None:
        raise DeclinedError(
            t("These hours cannot be read. Write for example: mon-fri 18:00-07:00 sat-sun 00:00-24:00")
        )
    return hours


def _spans(call: Call, where: Optional[str]) -> List[Button]:
    t = call.t
    named = EVERY if where is None else token(where)
    return [button(plain(duration(duration_s(each) or 0, t)), "disarm", named, each) for each in _OFFERED]


def _open_end(call: Call, where: Optional[str]) -> Button:
    t = call.t
    return button(plain(t("Until armed again")), "disarm", EVERY if where is None else token(where), _OPEN)


def _states(call: Call, where: Optional[str]) -> Reply:
    known = cameras(call)
    chosen = known if where is None else {where: known[where]}
    lines = [_state(call, each, name) for each, name in chosen.items()]
    return call.say("\n".join([*lines, always_told(call.t)]))


def _state(call: Call, camera: str, name: str) -> str:
    t = call.t
    guard = armed_text(call, call.controls.guard(camera))
    return t("<b>{name}</b>: {guard}", name=name, guard=Markup(guard))


ARM = Command("arm", Right.ACT, N_("Tell of a camera's lesser incidents, also by hours"), _arm)
DISARM = Command("disarm", Right.ACT, N_("Tell of nothing but fire on a camera"), _disarm)
