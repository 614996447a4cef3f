"""/snapshot: the newest picture of a camera."""

from __future__ import annotations

from typing import Iterator, List

from agent.controls import NoPictureError
from agent.domain.access import Right
from alerts.bot.call import Call, Command, DeclinedError, Reply
from alerts.bot.choosing import camera, camera_buttons, cameras, is_every
from alerts.bot.markup import plain
from alerts.languages import N_
from alerts.telegram.words import local_time

_ALBUM = 10


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    known = list(cameras(call))
    word = " ".join(call.arguments)
    if not word and len(known) != 1:
        every = plain(t("All")) if 2 <= len(known) <= _ALBUM else None
        yield call.ask(t("Of which camera?"), camera_buttons(call, "snapshot", every=every))
    elif is_every(word):
        yield _album(call, known[:_ALBUM])
    else:
        chosen = camera(call, word) if word else known[0]
        yield call.picture(_caption(call, chosen), call.controls.live_picture(chosen))


def _album(call: Call, chosen: List[str]) -> Reply:
    """Every camera that gives a picture; the others are named."""
    t = call.t
    pictures, shown, missing = [], [], []
    for each in chosen:
        try:
            pictures.append(call.controls.live_picture(each))
            shown.append(_caption(call, each))
        except NoPictureError:
            missing.append(call.controls.camera_name(each))
    lines = shown
    if missing:
        lines = [*shown, t("No picture now: {cameras}", cameras=", ".join(missing))]
    if not pictures:
        raise DeclinedError("\n".join(lines))
    return call.picture("\n".join(lines), *pictures)


def _caption(call: Call, camera: str) -> str:
    t = call.t
    at = local_time(call.now(), call.now())
    return t("<b>{camera}</b> at {time}", camera=call.controls.camera_name(camera), time=at)


SNAPSHOT = Command("snapshot", Right.SEE, N_("A picture of a camera, now"), _run)
