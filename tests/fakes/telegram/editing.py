"""The methods that change or take away what the bot posted."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from tests.fakes.telegram import kinds, objects
from tests.fakes.telegram.errors import MisuseError, bad_request
from tests.fakes.telegram.records import Chat, Message
from tests.fakes.telegram.registry import Params, method
from tests.fakes.telegram.sending import (
    ENTITIES,
    MEDIA,
    PARSE_MODE,
    caption_content,
    stored,
    text_content,
)
from tests.fakes.telegram.wire import message_json
from tests.fakes.telegram.world import World

_NO_KEYBOARD: Dict[str, Any] = {"inline_keyboard": []}
_DELETABLE_S = 48 * 3600
_WHICH = {
    "chat_id": kinds.chat_id,
    "message_id": kinds.integer,
    "reply_markup": objects.inline_keyboard,
}


@method(
    "editMessageText",
    {},
    {
        **_WHICH,
        "text": kinds.string,
        "parse_mode": PARSE_MODE,
        "entities": ENTITIES,
        "link_preview_options": objects.LINK_PREVIEW,
    },
)
def edit_message_text(world: World, params: Params) -> Any:
    chat, message = _edited(world, params)
    if message.file:
        raise bad_request("there is no text in the message to edit")
    return _change(world, chat, message, params, **text_content(params))


@method(
    "editMessageCaption",
    {},
    {
        **_WHICH,
        "caption": kinds.string,
        "parse_mode": PARSE_MODE,
        "caption_entities": ENTITIES,
        "show_caption_above_media": kinds.boolean,
    },
)
def edit_message_caption(world: World, params: Params) -> Any:
    chat, message = _edited(world, params)
    if not message.file:
        raise bad_request("there is no caption in the message to edit")
    return _change(world, chat, message, params, **caption_content(params))


@method("editMessageMedia", {"media": MEDIA}, _WHICH)
def edit_message_media(world: World, params: Params) -> Any:
    chat, message = _edited(world, params)
    item = params["media"]
    file = stored(world, item["type"], item["media"], item)
    return _change(world, chat, message, params, file=file, **caption_content(item))


@method("editMessageReplyMarkup", {}, _WHICH)
def edit_message_reply_markup(world: World, params: Params) -> Any:
    chat, message = _edited(world, params)
    return _change(world, chat, message, params)


@method("deleteMessage", {"chat_id": kinds.chat_id, "message_id": kinds.integer})
def delete_message(world: World, params: Params) -> Any:
    chat = world.chat(params["chat_id"])
    message = chat.messages.get(params["message_id"])
    if message is None:
        raise bad_request("message to delete not found")
    if not message.by_bot and chat.type != "private":
        raise bad_request("message can't be deleted")
    if (world.now() - message.date).total_seconds() > _DELETABLE_S:
        raise bad_request("message can't be deleted for everyone")
    del chat.messages[message.id]
    world.note(chat, "deleted", message)
    return True


def _edited(world: World, params: Params) -> Tuple[Chat, Message]:
    if "chat_id" not in params or "message_id" not in params:
        raise MisuseError("Bad Request: message identifier is not specified")
    chat = world.chat(params["chat_id"])
    message = chat.messages.get(params["message_id"])
    if message is None:
        raise bad_request("message to edit not found")
    if not message.by_bot or "inline_keyboard" not in (message.keyboard or _NO_KEYBOARD):
        raise bad_request("message can't be edited")
    return chat, message


def _change(world: World, chat: Chat, message: Message, params: Params, **fields: Any) -> Any:
    """An edit without reply_markup takes the buttons away, as Telegram does."""
    fields["keyboard"] = params.get("reply_markup")
    if all(_same(getattr(message, name), value) for name, value in fields.items()):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same"
            " as a current content and reply markup of the message"
        )
    return message_json(world, world.edit(chat, message.id, edited_at=world.now(), **fields))


def _same(before: object, after: object) -> bool:
    """No buttons and an empty keyboard are the same."""
    return _plain(before) == _plain(after)


def _plain(value: object) -> object:
    if isinstance(value, Dict) and not any(value.get("inline_keyboard", [])):
        return None
    return value
