"""/cameras: how each camera is."""

from __future__ import annotations

from typing import Iterator, List

from agent.domain.access import Right
from agent.domain.camera import CameraState, CameraStatus
from alerts.bot.arming import armed_text
from alerts.bot.call import Call, Command, Reply
from alerts.bot.choosing import camera_buttons, cameras
from alerts.bot.words import camera_state
from alerts.languages import N_, Markup
from alerts.telegram.words import duration, reason_name


def _run(call: Call) -> Iterator[Reply]:
    t = call.t
    statuses = call.controls.cameras()
    if not statuses:
        yield call.say(t("No camera is configured."))
        return
    names = cameras(call)
    lines: List[str] = [t("<b>Cameras</b>")]
    lines += [_line(call, status, names[status.camera]) for status in statuses]
    lines.append(t("For a picture press its name."))
    yield call.say("\n".join(lines), camera_buttons(call, "snapshot"))


def _line(call: Call, status: CameraStatus, name: str) -> str:
    t = call.t
    how = camera_state(status.state, t)
    if status.reason and status.state is not CameraState.DISABLED:
        how = f"{how} ({reason_name(status.reason, t)})"
    since = duration((call.now() - status.since).total_seconds(), t)
    guard = armed_text(call, call.controls.guard(status.camera))
    return t(
        "<b>{name}</b> (<code>{id}</code>): {how} for {since}; {guard}",
        name=name,
        id=status.camera,
        how=Markup(how),
        since=since,
        guard=Markup(guard),
    )


CAMERAS = Command("cameras", Right.SEE, N_("How each camera is"), _run)
