"""Every command, in the order in which help and menus list them; a new one is a file and a line here."""

from __future__ import annotations

from typing import Optional, Tuple

from alerts.bot.call import Command
from alerts.bot.commands.ack import ACK
from alerts.bot.commands.alerts import ALERTS
from alerts.bot.commands.arm import ARM, DISARM
from alerts.bot.commands.audit import AUDIT
from alerts.bot.commands.cameras import CAMERAS
from alerts.bot.commands.cancel import CANCEL
from alerts.bot.commands.dismiss import FALSE
from alerts.bot.commands.enrol import ENROL
from alerts.bot.commands.forget import FORGET
from alerts.bot.commands.help import HELP
from alerts.bot.commands.hush import HUSH
from alerts.bot.commands.incident import INCIDENT
from alerts.bot.commands.incidents import INCIDENTS
from alerts.bot.commands.invite import INVITE
from alerts.bot.commands.lang import LANG
from alerts.bot.commands.live import LIVE
from alerts.bot.commands.members import MEMBERS
from alerts.bot.commands.people import PEOPLE
from alerts.bot.commands.report import REPORT
from alerts.bot.commands.revoke import REVOKE
from alerts.bot.commands.role import ROLE
from alerts.bot.commands.selftest import SELFTEST
from alerts.bot.commands.silence import SILENCE
from alerts.bot.commands.snapshot import SNAPSHOT
from alerts.bot.commands.start import START
from alerts.bot.commands.status import STATUS

COMMANDS: Tuple[Command, ...] = (
    STATUS,
    CAMERAS,
    SNAPSHOT,
    INCIDENTS,
    INCIDENT,
    REPORT,
    ACK,
    FALSE,
    SILENCE,
    ARM,
    DISARM,
    ENROL,
    PEOPLE,
    FORGET,
    SELFTEST,
    INVITE,
    MEMBERS,
    ROLE,
    REVOKE,
    AUDIT,
    ALERTS,
    LANG,
    CANCEL,
    HELP,
    START,
    LIVE,
    HUSH,
)

_BY_NAME = {command.name: command for command in COMMANDS}


def command(name: str) -> Optional[Command]:
    """The command of that name, None where there is none."""
    return _BY_NAME.get(name)
