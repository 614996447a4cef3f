"""The kinds of parameters and how strictly each is read."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, List, Mapping, Tuple

from tests.fakes.telegram.errors import MisuseError, bad_request
from tests.fakes.telegram.media import Upload

Uploads = Mapping[str, Upload]
Kind = Callable[[object, Uploads], Any]
"""Reads what came (a string of a form, or a JSON value); raises MisuseError with the reason."""


def string(raw: object, _: Uploads) -> str:
    if not isinstance(raw, str):
        raise MisuseError("must be a String")
    return raw


def integer(raw: object, _: Uploads) -> int:
    value = decoded(raw)
    if not isinstance(value, int) or isinstance(value, bool):
        raise MisuseError("must be an Integer")
    return value


def boolean(raw: object, _: Uploads) -> bool:
    value = decoded(raw)
    if not isinstance(value, bool):
        raise MisuseError("must be a Boolean")
    return value


def chat_id(raw: object, _: Uploads) -> object:
    """An integer, or @name."""
    if isinstance(raw, str) and raw.startswith("@"):
        return raw
    return integer(raw, _)


def file(raw: object, uploads: Uploads) -> object:
    """An Upload (sent as this part or attached), or a file_id."""
    if isinstance(raw, Upload):
        return raw
    text = string(raw, uploads)
    if not text.startswith("attach://"):
        return text
    name = text[len("attach://") :]
    if name not in uploads:
        raise MisuseError(f"nothing is attached as {name}")
    return uploads[name]


def one_of(*words: str) -> Kind:
    def read(raw: object, uploads: Uploads) -> str:
        if raw not in words:
            raise MisuseError(f"must be one of {', '.join(words)}")
        return string(raw, uploads)

    return read


def array(kind: Kind) -> Kind:
    def read(raw: object, uploads: Uploads) -> List[Any]:
        values = decoded(raw)
        if not isinstance(values, list):
            raise MisuseError("must be an Array")
        return [kind(value, uploads) for value in values]

    return read


def struct(required: Mapping[str, Kind], optional: Mapping[str, Kind]) -> Kind:
    """An object with these fields and no others."""

    def read(raw: object, uploads: Uploads) -> Dict[str, Any]:
        values = decoded(raw)
        if not isinstance(values, dict):
            raise MisuseError("must be an object")
        return read_fields(values, uploads, required, optional)

    return read


def read_fields(
    values: Mapping[str, object],
    uploads: Uploads,
    required: Mapping[str, Kind],
    optional: Mapping[str, Kind],
) -> Dict[str, Any]:
    """Every field with its type. Raises: MisuseError for unknown, missing and wrong ones."""
    kinds = {**required, **optional}
    missing = [name for name in required if name not in values]
    unknown = [name for name in values if name not in kinds]
    if missing or unknown:
        raise MisuseError(
            "; ".join(
                [f"parameter {name} is missing" for name in missing]
                + [f"parameter {name} is unknown" for name in unknown]
            )
        )
    read: Dict[str, Any] = {}
    for name, value in values.items():
        try:
            read[name] = kinds[name](value, uploads)
        except MisuseError as refused:
            raise MisuseError(f"{name}: {refused.description}") from refused
    return read


def decoded(raw: object) -> object:
    """What a form field says in JSON; JSON values as they are."""
    if not isinstance(raw, str):
        return raw
    try:
        value: object = json.loads(raw)
    except ValueError as error:
        raise MisuseError("must be JSON") from error
    return value


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
