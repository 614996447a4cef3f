"""Puts the bot together from what a sink is given of the agent."""

from __future__ import annotations

from typing import Optional

from agent.config.settings import Settings
from agent.controls import Controls
from agent.enrolments import Enrolments
from agent.ports import Clock
from agent.store.audit import Audit
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
    settings: Settings,
    clock: Clock,
    database: Database,
    controls: Controls,
    veil: Veil,
    enrolments: Optional[Enrolments] = None,
) -> Bot:
    """The bot of these settings, whose `telegram` section must be there; without `enrolments` no faces."""
    if settings.telegram is None:
        raise ValueError("there is no telegram section")
    places = {}
    for camera in settings.cameras:
        where = camera.location
        places[camera.id] = Place(
            camera.name or camera.id, where.latitude if where else None, where.longitude if where else None
        )
    services = Services(
        controls=controls,
        clock=clock,
        history=History(database),
        members=Members(database, clock),
        invitations=Invitations(database, clock),
        strangers=Strangers(database, clock),
        audit=Audit(database, clock),
        dialogues=Dialogues(database, clock),
        pictures=Pictures(settings.store.folder),
        places=places,
        language=settings.telegram.language,
        invitation_s=settings.telegram.invitation_s,
        enrolments=enrolments,
    )
    return Bot(Reception(services), veil)
