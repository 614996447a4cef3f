"""The methods that ask, answer presses and fetch files."""

from __future__ import annotations

from typing import Any

from tests.fakes.telegram import kinds
from tests.fakes.telegram.errors import bad_request
from tests.fakes.telegram.media import DOWNLOAD_LIMIT
from tests.fakes.telegram.registry import Params, method
from tests.fakes.telegram.wire import chat_json, file_json, user_json
from tests.fakes.telegram.world import World

_ANSWER_LIMIT = 200
_ANSWER_S = 900.0
_GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


@method("getMe")
def get_me(world: World, params: Params) -> Any:
    return {
        **user_json(world.bot),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


@method("deleteWebhook", {}, {"drop_pending_updates": kinds.boolean})
def delete_webhook(world: World, params: Params) -> Any:
    if params.get("drop_pending_updates"):
        world.updates.clear()
    return True


@method("getChat", {"chat_id": kinds.chat_id})
def get_chat(world: World, params: Params) -> Any:
    return {
        **chat_json(world.chat(params["chat_id"])),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(_GIFTS, False),
    }


@method("getChatMember", {"chat_id": kinds.chat_id, "user_id": kinds.integer})
def get_chat_member(world: World, params: Params) -> Any:
    chat = world.chat(params["chat_id"])
    for user in (world.bot, *chat.users):
        if user.id == params["user_id"]:
            return {"status": "member", "user": user_json(user)}
    raise bad_request("user not found")


@method("leaveChat", {"chat_id": kinds.chat_id})
def leave_chat(world: World, params: Params) -> Any:
    chat = world.chat(params["chat_id"])
    if chat.type == "private":
        raise bad_request("chat member status can't be changed in private chats")
    world.leave(chat)
    return True


@method("getFile", {"file_id": kinds.string})
def get_file(world: World, params: Params) -> Any:
    file = world.files.get(params["file_id"])
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.data) > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return file_json(file)


@method(
    "answerCallbackQuery",
    {"callback_query_id": kinds.string},
    {"text": kinds.string, "show_alert": kinds.boolean, "cache_time": kinds.integer},
)
def answer_callback_query(world: World, params: Params) -> Any:
    query = world.queries.get(params["callback_query_id"])
    if query is None or query.answered or world.monotonic() - query.at > _ANSWER_S:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    text = params.get("text", "")
    if len(text) > _ANSWER_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    query.answered, query.answer, query.alert = True, text, params.get("show_alert", False)
    chat = world.chats[query.chat_id]
    world.note(chat, "answered", chat.messages.get(query.message_id), query.user.name, text)
    return True
