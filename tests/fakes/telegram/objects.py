"""The objects that parameters are made of: entities, replies, scopes, keyboards."""

from __future__ import annotations

from typing import Any, Dict, Tuple

from tests.fakes.telegram.errors import MisuseError, bad_request
from tests.fakes.telegram.kinds import (
    Kind,
    Uploads,
    array,
    boolean,
    chat_id,
    decoded,
    integer,
    one_of,
    string,
    struct,
)

ENTITY = struct(
    {"type": string, "offset": integer, "length": integer},
    {"url": string, "user": struct({}, {}), "language": string, "custom_emoji_id": string},
)
LINK_PREVIEW = struct(
    {},
    {
        "is_disabled": boolean,
        "url": string,
        "prefer_small_media": boolean,
        "prefer_large_media": boolean,
        "show_above_text": boolean,
    },
)
REPLY = struct(
    {"message_id": integer},
    {"chat_id": chat_id, "allow_sending_without_reply": boolean, "quote": string},
)
COMMAND = struct({"command": string, "description": string}, {})
SCOPE = struct(
    {
        "type": one_of(
            "default",
            "all_private_chats",
            "all_group_chats",
            "all_chat_administrators",
            "chat",
            "chat_administrators",
            "chat_member",
        )
    },
    {"chat_id": chat_id, "user_id": integer},
)

_BUTTON_ACTIONS: Tuple[str, ...] = ("url", "callback_data", "switch_inline_query")
_CALLBACK_BYTES = 64
_BUTTON = struct({"text": string}, {**dict.fromkeys(_BUTTON_ACTIONS, string), "style": string})
_INLINE = struct({"inline_keyboard": array(array(_BUTTON))}, {})
_REPLY_BUTTON = struct({"text": string}, {"request_contact": boolean, "request_location": boolean})
_OTHERS: Dict[str, Kind] = {
    "keyboard": struct(
        {"keyboard": array(array(_REPLY_BUTTON))},
        {
            "is_persistent": boolean,
            "resize_keyboard": boolean,
            "one_time_keyboard": boolean,
            "input_field_placeholder": string,
            "selective": boolean,
        },
    ),
    "remove_keyboard": struct({"remove_keyboard": boolean}, {"selective": boolean}),
    "force_reply": struct(
        {"force_reply": boolean}, {"input_field_placeholder": string, "selective": boolean}
    ),
}


def inline_keyboard(raw: object, uploads: Uploads) -> Dict[str, Any]:
    """An InlineKeyboardMarkup whose buttons each do one thing."""
    markup: Dict[str, Any] = _INLINE(raw, uploads)
    for row in markup["inline_keyboard"]:
        for button in row:
            _check_button(button)
    return markup


def any_keyboard(raw: object, uploads: Uploads) -> Dict[str, Any]:
    """Any markup below a message."""
    value = decoded(raw)
    for name, kind in _OTHERS.items():
        if isinstance(value, dict) and name in value:
            other: Dict[str, Any] = kind(value, uploads)
            return other
    return inline_keyboard(value, uploads)


def _check_button(button: Dict[str, str]) -> None:
    if not button["text"].strip():
        raise MisuseError("a button's text is empty")
    actions = [action for action in _BUTTON_ACTIONS if action in button]
    if len(actions) != 1:
        raise MisuseError(f"the button {button['text']!r} must do exactly one thing")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= _CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not url.startswith(("http://", "https://", "tg://")):
        raise bad_request("BUTTON_URL_INVALID")
