"""`beffroi bot`: who may use the Telegram bot, decided on the device itself."""

from __future__ import annotations

import getpass
import json
import os
import re
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Iterator, Optional, Tuple

import typer

from agent.cli.bot_tables import (
    audit_table,
    entry_row,
    invitation_row,
    invitations_table,
    member_row,
    members_table,
)
from agent.cli.console import stdout
from agent.cli.qr import qr
from agent.clock import SystemClock
from agent.config.loader import load, locate
from agent.domain.access import Role
from agent.errors import BeffroiError
from agent.store.audit import Audit
from agent.store.bot_name import BotName
from agent.store.database import Database, open_beside, open_for_reading
from agent.store.invitations import Invitations
from agent.store.members import Members

app = typer.Typer(
    help="Let people into the Telegram bot, see who is in, and see what they ordered.", no_args_is_help=True
)

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_LASTS_S = 900.0
_LONGEST_S = 30 * 86_400.0
_NEGATIVE = {"ignore_unknown_options": True}
"""A group's number begins with a minus sign and is no option."""


def _duration(text: str) -> float:
    found = re.fullmatch(r"(\d{1,9})([smhd]?)", text.strip().lower())
    seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if not 0 < seconds <= _LONGEST_S:
        raise typer.BadParameter(f"{text!r} is not a time such as 90s, 15m, 2h or 1d, 30 days at most")
    return seconds


_CONFIG = typer.Option(None, "--config", "-c", help="The configuration that names the data folder.")
_FOLDER = typer.Option(None, "--folder", help="The data folder itself, without a configuration.")
_JSON = typer.Option(False, "--json", help="One JSON document.")
_CHAT = typer.Argument(..., metavar="CHAT", help="The chat's number, as `beffroi bot members` shows it.")


@app.command()
def pair(
    role: Optional[Role] = typer.Option(
        None,
        "--role",
        help="viewer sees; operator also acknowledges, silences, arms; enroller also enrols faces; admin may "
        "do everything.",
        show_default="admin as long as nobody is in, then viewer",
    ),
    lasts_s: Optional[float] = typer.Option(
        None,
        "--lasts",
        parser=_duration,
        metavar="TIME",
        show_default="telegram.invitation_s, 15m",
        help="How long the code is good: 90s, 15m, 2h, 1d.",
    ),
    config: Optional[Path] = _CONFIG,
    folder: Optional[Path] = _FOLDER,
    as_json: bool = _JSON,
) -> None:
    """Print a code that lets one chat in, once.

    Works beside a running agent and before its first start. Whoever sends the code to the bot is let in, so
    give it to nobody else; `beffroi bot invitations --withdraw` takes it back.
    """
    clock = SystemClock()
    where, usual_s = _place(config, folder)
    lasts_s = usual_s if lasts_s is None else lasts_s
    with _writing(where) as database:
        given = role or (Role.VIEWER if Members(database, clock).all() else Role.ADMIN)
        name = BotName(database).get()
        expires_at = clock.now() + timedelta(seconds=lasts_s)
        code = Invitations(database, clock).issue(given, _who(), lasts_s)
        Audit(database, clock).note(None, None, "pair", given.value)
    link = None if name is None else f"https://t.me/{name}?start={code.replace('-', '')}"
    if as_json:
        row = {"code": code, "role": given.value, "expires_at": expires_at.isoformat(), "link": link}
        typer.echo(json.dumps(row, indent=2))
        return
    bot = "your bot" if name is None else f"@{name}"
    typer.echo(f"{code}\n")
    typer.echo(
        f"Send `/start {code}` to {bot} within {_spoken(lasts_s)}: it lets one chat in as {given.value}."
    )
    if link is not None:
        typer.echo(f"Or open {link}")
        console = stdout()
        if console.is_terminal:
            console.print(qr(link))


@app.command()
def members(
    config: Optional[Path] = _CONFIG, folder: Optional[Path] = _FOLDER, as_json: bool = _JSON
) -> None:
    """The chats that were let in, who joined first comes first."""
    with _reading(config, folder) as database:
        found = Members(database, SystemClock()).all()
    if as_json:
        typer.echo(json.dumps([member_row(member) for member in found], indent=2))
    elif not found:
        typer.echo("nobody is in: `beffroi bot pair` prints a code that lets the first chat in")
    else:
        stdout().print(members_table(found))


@app.command(context_settings=_NEGATIVE)
def role(
    chat: int = _CHAT,
    role: Role = typer.Argument(..., help="What the chat may do from now on."),
    config: Optional[Path] = _CONFIG,
    folder: Optional[Path] = _FOLDER,
) -> None:
    """Give a chat another role; it holds at once."""
    clock = SystemClock()
    with _writing(_place(config, folder)[0]) as database:
        everyone = Members(database, clock)
        if not everyone.set_role(chat, role):
            raise _no_member(chat)
        Audit(database, clock).note(None, None, "role", f"{chat} {role.value}")
        typer.echo(f"chat {chat} is {role.value} now")
        _say_if_no_admin(everyone)


@app.command(context_settings=_NEGATIVE)
def revoke(chat: int = _CHAT, config: Optional[Path] = _CONFIG, folder: Optional[Path] = _FOLDER) -> None:
    """Let a chat in no more, and forget what was kept for it; it holds at once.

    The audit keeps what was ordered from it for store.keep_days.
    """
    clock = SystemClock()
    with _writing(_place(config, folder)[0]) as database:
        everyone = Members(database, clock)
        if not everyone.revoke(chat):
            raise _no_member(chat)
        Audit(database, clock).note(None, None, "revoke", str(chat))
        typer.echo(f"chat {chat} is let in no more")
        _say_if_no_admin(everyone)


@app.command()
def invitations(
    withdraw: bool = typer.Option(False, "--withdraw", help="Take all of them back."),
    config: Optional[Path] = _CONFIG,
    folder: Optional[Path] = _FOLDER,
    as_json: bool = _JSON,
) -> None:
    """The codes that are still good: for which role, from whom, until when.

    The codes themselves are not kept.
    """
    clock = SystemClock()
    if withdraw:
        with _writing(_place(config, folder)[0]) as database:
            number = Invitations(database, clock).withdraw_all()
            Audit(database, clock).note(None, None, "withdraw", str(number))
        typer.echo(
            json.dumps({"withdrawn": number}) if as_json else f"{_number(number, 'invitation')} taken back"
        )
        return
    with _reading(config, folder) as database:
        found = Invitations(database, clock).open()
    if as_json:
        typer.echo(json.dumps([invitation_row(one) for one in found], indent=2))
    elif not found:
        typer.echo("no invitation is open: `beffroi bot pair` issues one")
    else:
        stdout().print(invitations_table(found))


@app.command()
def audit(
    limit: int = typer.Option(50, "--limit", "-n", min=1, help="At most so many, the newest."),
    config: Optional[Path] = _CONFIG,
    folder: Optional[Path] = _FOLDER,
    as_json: bool = _JSON,
) -> None:
    """Who ordered what, newest first; kept for store.keep_days."""
    clock = SystemClock()
    with _reading(config, folder) as database:
        found = Audit(database, clock).latest(limit)
        everyone = Members(database, clock)
        users = {entry.user for entry in found if entry.user is not None}
        names = {user: everyone.name_of(user) or str(user) for user in users}
    if as_json:
        typer.echo(json.dumps([entry_row(entry) for entry in found], indent=2))
    elif not found:
        typer.echo("nothing was ordered yet")
    else:
        stdout().print(audit_table(found, names))


def _place(config: Optional[Path], folder: Optional[Path]) -> Tuple[Path, float]:
    """The data folder, and for how many seconds a code is good."""
    if folder is not None:
        return folder, _LASTS_S
    settings = load(locate(config, os.environ), os.environ)
    if settings.telegram is None:
        typer.echo(
            "beffroi: the configuration has no telegram section: add one with the bot's token and restart "
            "the agent, or nobody answers the code",
            err=True,
        )
        return settings.store.folder, _LASTS_S
    return settings.store.folder, settings.telegram.invitation_s


@contextmanager
def _writing(folder: Path) -> Iterator[Database]:
    database = open_beside(folder / "beffroi.db", SystemClock())
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _reading(config: Optional[Path], folder: Optional[Path]) -> Iterator[Database]:
    database = open_for_reading(_place(config, folder)[0] / "beffroi.db")
    try:
        yield database
    finally:
        database.close()


def _who() -> str:
    try:
        return f"shell:{getpass.getuser()}"
    except (KeyError, OSError):  # no login and no entry of this user: a bare container
        return f"shell:{os.getuid()}"


def _no_member(chat: int) -> BeffroiError:
    return BeffroiError(f"chat {chat} is no member: `beffroi bot members` shows those there are")


def _say_if_no_admin(everyone: Members) -> None:
    if not any(member.role is Role.ADMIN for member in everyone.all()):
        typer.echo("no admin is left: `beffroi bot pair --role admin` lets one in", err=True)


def _spoken(seconds: float) -> str:
    """15 minutes, 2 hours: in the largest unit that comes out even."""
    for name, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        number, rest = divmod(seconds, size)
        if number and not rest:
            return _number(int(number), name)
    return f"{seconds:g} seconds"


def _number(number: int, of: str) -> str:
    return f"{number} {of}{'' if number == 1 else 's'}"
