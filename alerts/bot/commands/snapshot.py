"""/snapshot: the newest picture of a camera."""

from __future__ import annotations

from typing import Iterator, List

from agent.controls import NoPictureError
from agent.domain.access import Right
from alerts.bot.call import Call, Command, DeclinedError, Reply
from alerts.bot.choosing import camera, camera_buttons, camera_label, cameras, is_every
from alerts.bot.markup import plain
from alerts.bot.picturing import live_picture
from alerts.languages import N_

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
        caption, picture = live_picture(call, chosen)
        yield call.picture(caption, picture)


def _album(call: Call, chosen: List[str]) -> Reply:
    """Every camera that gives a picture; the others are named."""
    t = call.t
    pictures: List[bytes] = []
    lines: List[str] = []
    missing: List[str] = []
    for each in chosen:
        try:
            caption, picture = live_picture(call, each)
        except NoPictureError:
            missing.append(camera_label(call, each))
        else:
            pictures.append(picture)
            lines.append(caption)
    if missing:
        lines.append(t("No picture now: {cameras}", cameras=", ".join(missing)))
    if not pictures:
        raise DeclinedError("\n".join(lines))
    return call.picture("\n".join(lines), *pictures)


SNAPSHOT = Command("snapshot", Right.SEE, N_("A picture of a camera, now"), _run)
