"""The menu of commands that Telegram shows: per chat, by what it may do and in its language."""

from __future__ import annotations

from typing import Iterable, List, Optional, Tuple

import structlog
import telegram
from telegram import BotCommand, BotCommandScopeChat
from telegram.error import BadRequest, Forbidden

from agent.store.members import Members
from alerts.bot.access import Standing
from alerts.bot.call import Command, Place
from alerts.bot.markup import plain
from alerts.bot.registry import COMMANDS
from alerts.languages import LANGUAGES, texts
from alerts.telegram.secrecy import Veil

log = structlog.get_logger(__name__)

Menu = Tuple[Tuple[str, str], ...]
"""Names of commands with what they do, in plain text."""

_FOR_STRANGERS = ("start", "help")


def menu(commands: Iterable[Command], language: str) -> Menu:
    t = texts(language)
    return tuple((each.name, plain(t(each.summary))) for each in commands)


def menu_of(members: Members, chat: int) -> Optional[Menu]:
    """A chat's menu; None where it was not let in."""
    member = members.get(chat)
    if member is None:
        return None
    standing = Standing(Place(member.chat, member.kind, member.title), member, None)
    return menu([each for each in COMMANDS if standing.offered(each)], member.language)


async def show_default(bot: telegram.Bot) -> None:
    """What chats see that were not let in, in the language of each person's application."""
    commands = [each for each in COMMANDS if each.name in _FOR_STRANGERS]
    await bot.set_my_commands(_bot_commands(menu(commands, "en")))
    for language in LANGUAGES:
        await bot.set_my_commands(_bot_commands(menu(commands, language)), language_code=language)


async def show(bot: telegram.Bot, veil: Veil, chat: int, wanted: Optional[Menu]) -> None:
    """Set a chat's menu, or take it away; a chat that cannot be reached has none."""
    scope = BotCommandScopeChat(chat)
    try:
        if wanted is None:
            await bot.delete_my_commands(scope)
        else:
            await bot.set_my_commands(_bot_commands(wanted), scope)
    except (BadRequest, Forbidden) as error:
        log.info("a menu was not set", chat=chat, error=veil.strike(str(error)))


def _bot_commands(wanted: Menu) -> List[BotCommand]:
    return [BotCommand(name, summary) for name, summary in wanted]
