"""The buttons under an incident: what each says, and what Telegram gives back when it is pressed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import List, Optional

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from agent.domain.incident import Incident, Kind, State
from agent.domain.silence import NEVER_SILENT
from alerts.languages import Texts

SILENCE_S = 3600.0
"""How long the Silence button silences."""
_LONGEST = 64


class Verb(str, Enum):
    """What a button asks for; `hush` silences the incident's kind on its camera."""

    ACKNOWLEDGE = "ack"
    FALSE_ALARM = "false"
    LIVE = "live"
    HUSH = "hush"


@dataclass(frozen=True)
class Pressed:
    """A button of an incident, pressed."""

    verb: Verb
    incident_id: str


_DATA = re.compile(rf"({'|'.join(verb.value for verb in Verb)}):([A-Za-z0-9_-]{{1,56}})", re.ASCII)


def encode(pressed: Pressed) -> str:
    """The callback data, 64 bytes at most. Raises ValueError for an id that does not fit."""
    data = f"{pressed.verb.value}:{pressed.incident_id}"
    if len(data) > _LONGEST or decode(data) is None:
        raise ValueError(f"incident id {pressed.incident_id!r} does not fit a button")
    return data


def decode(data: Optional[str]) -> Optional[Pressed]:
    """What was pressed; None for anything that is not a button of an incident."""
    found = _DATA.fullmatch(data or "")
    return Pressed(Verb(found[1]), found[2]) if found else None


def keyboard(incident: Incident, t: Texts) -> Optional[InlineKeyboardMarkup]:
    """What can be done about the incident as it stands; None where nothing can."""
    rows: List[List[InlineKeyboardButton]] = []
    if incident.drill:
        return None
    if incident.state is State.OPEN:
        rows.append(
            [
                _button(t("✅ Acknowledge"), Verb.ACKNOWLEDGE, incident),
                _button(t("❌ False alarm"), Verb.FALSE_ALARM, incident),
            ]
        )
    elif incident.state is not State.DISMISSED:
        rows.append([_button(t("❌ False alarm"), Verb.FALSE_ALARM, incident)])
    if not incident.state.closed and incident.kind is not Kind.DEVICE:
        more = [_button(t("📷 Live picture"), Verb.LIVE, incident)]
        if incident.kind not in NEVER_SILENT:
            more.append(_button(t("🔕 Silence 1 h"), Verb.HUSH, incident))
        rows.append(more)
    return InlineKeyboardMarkup(rows) if rows else None


def _button(label: str, verb: Verb, incident: Incident) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=encode(Pressed(verb, incident.id)))
