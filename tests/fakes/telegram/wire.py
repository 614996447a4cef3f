"""Objects as the Bot API writes them in JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List

from tests.fakes.telegram.media import StoredFile
from tests.fakes.telegram.records import Chat, Message, User
from tests.fakes.telegram.world import World

Json = Dict[str, Any]


def unix(moment: datetime) -> int:
    return int(moment.timestamp())


def user_json(user: User) -> Json:
    return _without_none(
        {
            "id": user.id,
            "is_bot": user.is_bot,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "username": user.username,
            "language_code": user.language_code,
        }
    )


def chat_json(chat: Chat) -> Json:
    base: Json = {"id": chat.id, "type": chat.type, "username": chat.username}
    if chat.type == "private":
        base.update(first_name=chat.users[0].first_name, last_name=chat.users[0].last_name)
    else:
        base.update(title=chat.name)
    return _without_none(base)


def file_json(file: StoredFile) -> Json:
    return {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_size": len(file.data),
        "file_path": file.path,
    }


def message_json(world: World, message: Message, *, nested: bool = False) -> Json:
    """`nested` messages (replies) do not show what they answer themselves."""
    chat = world.chats[message.chat_id]
    answered = chat.messages.get(message.reply_to) if message.reply_to and not nested else None
    json: Json = {
        "message_id": message.id,
        "date": unix(message.date),
        "chat": chat_json(chat),
        "from": user_json(message.sender) if message.sender else None,
        "sender_chat": None if message.sender else chat_json(chat),
        "message_thread_id": message.thread_id,
        "edit_date": unix(message.edited_at) if message.edited_at else None,
        "has_protected_content": message.protected or None,
        "media_group_id": message.album,
        "reply_to_message": message_json(world, answered, nested=True) if answered else None,
        "reply_markup": message.keyboard if message.rows else None,
    }
    if message.file:
        json.update(_media_json(message.file))
    text, entities = ("caption", "caption_entities") if message.file else ("text", "entities")
    if message.text:
        json[text] = message.text
    if message.entities:
        json[entities] = message.entities
    return {**_without_none(json), **message.extra}


def callback_json(id: str, user: User, message: Json, data: str) -> Json:
    return {
        "id": id,
        "from": user_json(user),
        "chat_instance": str(abs(message["chat"]["id"]) * 31),
        "message": message,
        "data": data,
    }


def _media_json(file: StoredFile) -> Json:
    if file.kind == "photo":
        return {"photo": [_size_json(one) for one in (*file.thumbnails, file)]}
    named = _file_fields(file)
    if file.kind == "document":
        return {"document": named}
    moving = {**named, "width": file.width, "height": file.height, "duration": file.duration}
    if file.kind == "animation":  # which old clients show as a document
        return {"animation": moving, "document": named}
    return {"video": moving}


def _file_fields(file: StoredFile) -> Json:
    return {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_name": file.name,
        "mime_type": file.mime,
        "file_size": len(file.data),
    }


def _size_json(file: StoredFile) -> Json:
    return {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "width": file.width,
        "height": file.height,
        "file_size": len(file.data),
    }


def _without_none(json: Json) -> Json:
    return {key: value for key, value in json.items() if value is not None}


def messages_json(world: World, messages: List[Message]) -> List[Json]:
    return [message_json(world, message) for message in messages]
