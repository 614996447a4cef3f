"""Puts the bot together from what a sink is given of the agent."""

from __future__ import annotations

from pathlib import Path
from typing import Mapping, Optional

from agent.config.telegram_settings import TelegramSettings
from agent.controls import Controls
from agent.enrolments import Enrolments
from agent.ports import Clock
from agent.store.audit import Audit
from agent.store.bot_name import BotName
from agent.store.database import Database
from agent.store.dialogues import Dialogues
from agent.store.history import History
from agent.store.invitations import Invitations
from agent.store.members import Members
from agent.store.strangers import Strangers
from alerts.bot.app import Bot
from alerts.bot.call import Services
from alerts.bot.reception import Reception
from alerts.telegram.pictures import Pictures
from alerts.telegram.secrecy import Veil
from alerts.telegram.wording import Place


def bot_of(
    settings: TelegramSettings,
    folder: Path,
    places: Mapping[str, Place],
    clock: Clock,
    database: Database,
    controls: Controls,
    veil: Veil,
    enrolments: Optional[Enrolments] = None,
) -> Bot:
    """The bot of these settings; `places` are the cameras'. Without `enrolments` it knows no faces."""
    services = Services(
        controls=controls,
        clock=clock,
        history=History(database),
        members=Members(database, clock),
        invitations=Invitations(database, clock),
        strangers=Strangers(database, clock),
        audit=Audit(database, clock),
        dialogues=Dialogues(database, clock),
        bot_name=BotName(database),
        pictures=Pictures(folder),
        places=places,
        language=settings.language,
        invitation_s=settings.invitation_s,
        enrolments=enrolments,
    )
    return Bot(Reception(services), veil)
