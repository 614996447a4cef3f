"""The methods that post messages."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from tests.fakes.telegram import kinds, objects
from tests.fakes.telegram.errors import MisuseError, bad_request
from tests.fakes.telegram.markup import formatted, units
from tests.fakes.telegram.media import StoredFile, Upload
from tests.fakes.telegram.records import Chat
from tests.fakes.telegram.registry import Params, method
from tests.fakes.telegram.wire import message_json, messages_json
from tests.fakes.telegram.world import World

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
_ALBUM = (2, 10)

PARSE_MODE = kinds.one_of("HTML")
ENTITIES = kinds.array(objects.ENTITY)

_ANY = {
    "message_thread_id": kinds.integer,
    "disable_notification": kinds.boolean,
    "protect_content": kinds.boolean,
    "reply_parameters": objects.REPLY,
}
_SENDING = {**_ANY, "reply_markup": objects.any_keyboard}
_CAPTION = {"caption": kinds.string, "parse_mode": PARSE_MODE, "caption_entities": ENTITIES}
_SHOWN = {"show_caption_above_media": kinds.boolean, "has_spoiler": kinds.boolean}
_MOVING = {
    "duration": kinds.integer,
    "width": kinds.integer,
    "height": kinds.integer,
    "thumbnail": kinds.file,
}
_CHAT = {"chat_id": kinds.chat_id}
_ITEM_FIELDS = {**_CAPTION, **_SHOWN, **_MOVING, "supports_streaming": kinds.boolean}
MEDIA = kinds.struct(
    {"type": kinds.one_of("photo", "video", "animation", "document"), "media": kinds.file}, _ITEM_FIELDS
)


@method(
    "sendMessage",
    {**_CHAT, "text": kinds.string},
    {
        **_SENDING,
        "parse_mode": PARSE_MODE,
        "entities": ENTITIES,
        "link_preview_options": objects.LINK_PREVIEW,
    },
)
def send_message(world: World, params: Params) -> Any:
    chat = world.chat(params["chat_id"])
    content = text_content(params)
    return message_json(world, world.post(chat, world.bot, **content, **_envelope(chat, params)))


@method("sendPhoto", {**_CHAT, "photo": kinds.file}, {**_SENDING, **_CAPTION, **_SHOWN})
def send_photo(world: World, params: Params) -> Any:
    return _send_file(world, params, "photo")


@method(
    "sendVideo",
    {**_CHAT, "video": kinds.file},
    {
        **_SENDING,
        **_CAPTION,
        **_SHOWN,
        **_MOVING,
        "supports_streaming": kinds.boolean,
        "cover": kinds.file,
        "start_timestamp": kinds.integer,
    },
)
def send_video(world: World, params: Params) -> Any:
    return _send_file(world, params, "video")


@method("sendAnimation", {**_CHAT, "animation": kinds.file}, {**_SENDING, **_CAPTION, **_SHOWN, **_MOVING})
def send_animation(world: World, params: Params) -> Any:
    return _send_file(world, params, "animation")


@method(
    "sendDocument",
    {**_CHAT, "document": kinds.file},
    {**_SENDING, **_CAPTION, "thumbnail": kinds.file, "disable_content_type_detection": kinds.boolean},
)
def send_document(world: World, params: Params) -> Any:
    return _send_file(world, params, "document")


@method("sendMediaGroup", {**_CHAT, "media": kinds.array(MEDIA)}, _ANY)
def send_media_group(world: World, params: Params) -> Any:
    chat = world.chat(params["chat_id"])
    items: List[Dict[str, Any]] = params["media"]
    if not _ALBUM[0] <= len(items) <= _ALBUM[1]:
        raise bad_request("there must be from 2 to 10 media in an album")
    named = {item["type"] for item in items}
    if "animation" in named or ("document" in named and len(named) > 1):
        raise bad_request("can't use the media of the specified types in the album")
    files = [stored(world, item["type"], item["media"], item) for item in items]
    contents = [caption_content(item) for item in items]
    envelope = _envelope(chat, params)
    album = world.new_album()
    posted = [
        world.post(chat, world.bot, file=file, album=album, **content, **envelope)
        for file, content in zip(files, contents)
    ]
    return messages_json(world, posted)


@method(
    "sendChatAction",
    {
        **_CHAT,
        "action": kinds.one_of("typing", "upload_photo", "upload_video", "record_video", "upload_document"),
    },
    {"message_thread_id": kinds.integer},
)
def send_chat_action(world: World, params: Params) -> Any:
    world.chat(params["chat_id"])
    return True


def text_content(params: Params) -> Dict[str, Any]:
    """The fields `text` and `entities` of a Message. Raises: ApiError where it is empty or too long."""
    text, entities = formatted(params.get("text"), params.get("parse_mode"), params.get("entities"))
    if not text:
        raise bad_request("message text is empty")
    if units(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return {"text": text, "entities": entities}


def caption_content(params: Params) -> Dict[str, Any]:
    """The same of a caption, which may be empty."""
    text, entities = formatted(
        params.get("caption"), params.get("parse_mode"), params.get("caption_entities")
    )
    if units(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return {"text": text, "entities": entities}


def stored(world: World, kind: str, given: object, params: Params) -> StoredFile:
    """The file that was uploaded or named by its file_id."""
    if isinstance(given, Upload):
        if kind == "photo":
            return world.files.add_photo(given.data)
        size = (params.get("width", 0), params.get("height", 0))
        return world.files.add(kind, given, size, params.get("duration", 0))
    known = world.files.get(str(given))
    if known is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if known.kind != kind:
        raise bad_request(f"can't use file of type {known.kind.title()} as {kind.title()}")
    return known


def _send_file(world: World, params: Params, kind: str) -> Any:
    chat = world.chat(params["chat_id"])
    content = caption_content(params)
    file = stored(world, kind, params[kind], params)
    return message_json(world, world.post(chat, world.bot, file=file, **content, **_envelope(chat, params)))


def _envelope(chat: Chat, params: Params) -> Dict[str, Any]:
    return {
        "keyboard": params.get("reply_markup"),
        "reply_to": _answered(chat, params.get("reply_parameters")),
        "silent": params.get("disable_notification", False),
        "protected": params.get("protect_content", False),
        "thread_id": params.get("message_thread_id"),
    }


def _answered(chat: Chat, reply: Optional[Dict[str, Any]]) -> Optional[int]:
    if reply is None:
        return None
    if reply.get("chat_id", chat.id) != chat.id:
        raise MisuseError("a reply to another chat is not known here")
    answered: int = reply["message_id"]
    if answered in chat.messages:
        return answered
    if reply.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")
