"""The bot's menu of commands, per scope and language."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Tuple

from tests.fakes.telegram import kinds, objects
from tests.fakes.telegram.errors import MisuseError, bad_request
from tests.fakes.telegram.registry import Params, method
from tests.fakes.telegram.world import World

_WHERE = {"scope": objects.SCOPE, "language_code": kinds.string}
_MOST = 100
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"|[a-z]{2}")
_DESCRIPTION_LIMIT = 256
_NEEDS: Dict[str, Tuple[str, ...]] = {
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}


@method("setMyCommands", {"commands": kinds.array(objects.COMMAND)}, _WHERE)
def set_my_commands(world: World, params: Params) -> Any:
    commands = params["commands"]
    if len(commands) > _MOST:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(command["command"]):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= _DESCRIPTION_LIMIT:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    world.commands[_key(world, params)] = commands
    return True


@method("getMyCommands", {}, _WHERE)
def get_my_commands(world: World, params: Params) -> Any:
    return world.commands.get(_key(world, params), [])


@method("deleteMyCommands", {}, _WHERE)
def delete_my_commands(world: World, params: Params) -> Any:
    world.commands.pop(_key(world, params), None)
    return True


def scope_key(scope: Dict[str, Any]) -> str:
    """One word for a BotCommandScope, the same however it was written."""
    return json.dumps(scope, sort_keys=True)


def _key(world: World, params: Params) -> Tuple[str, str]:
    scope = params.get("scope", {"type": "default"})
    needed = _NEEDS.get(scope["type"], ())
    if set(scope) != {"type", *needed}:
        raise MisuseError(f"scope {scope['type']} takes {needed}")
    if needed:
        world.chat(scope["chat_id"])
    language = params.get("language_code", "")
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language code specified")
    return scope_key(scope), language
