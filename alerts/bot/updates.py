"""Reads Telegram's updates: what a person said, showed or pressed; everything else is nothing.

Left out are edited messages, channels' posts, whatever was forwarded or came through another bot, and what
bots, channels and anonymous administrators say. The library checks no types, so all that is used is checked.
"""

from __future__ import annotations

from typing import Any, Optional, Tuple

from telegram import CallbackQuery, Chat, ChatMemberUpdated, Message, Update, User

from agent.domain.access import ChatKind
from alerts.bot.call import Person, Place
from alerts.bot.incoming import Incoming, Membership, Moved, Orphaned, Pressed, Said, Shown

_KINDS = {"private": ChatKind.PRIVATE, "group": ChatKind.GROUP, "supergroup": ChatKind.GROUP}
_PRESENT = ("member", "administrator", "restricted", "creator")
_ABSENT = ("left", "kicked")
_NAME_LIMIT = 128


def read(update: Update) -> Optional[Incoming]:
    """What the update says, None where it changes nothing."""
    if isinstance(update.message, Message):
        return _message(update.message)
    if isinstance(update.callback_query, CallbackQuery):
        return _press(update.callback_query)
    if isinstance(update.my_chat_member, ChatMemberUpdated):
        return _membership(update.my_chat_member)
    return None


def _message(message: Message) -> Optional[Incoming]:
    moved = _moved(message)
    if moved is not None:
        return moved
    place, person = _place(message.chat), _person(message.from_user)
    if place is None or person is None or _borrowed(message) or not _is_id(message.message_id):
        return None
    thread = _thread(message)
    if isinstance(message.text, str):
        return Said(place, person, message.text, message.message_id, thread)
    picture = _picture(message)
    if picture is not None:
        file, size = picture
        return Shown(place, person, file, message.message_id, size, thread)
    return None


def _borrowed(message: Message) -> bool:
    """Whether the words are not the sender's own, or the sender is not a person."""
    return bool(
        message.forward_origin
        or message.via_bot
        or message.sender_chat
        or message.is_automatic_forward
        or message.sender_business_bot
        or message.business_connection_id
    )


def _moved(message: Message) -> Optional[Moved]:
    here = message.chat.id if isinstance(message.chat, Chat) else None
    if not _is_id(here):
        return None
    for old, new in ((here, message.migrate_to_chat_id), (message.migrate_from_chat_id, here)):
        if _is_id(old) and _is_id(new) and _id(old) < 0 and _id(new) < 0:
            return Moved(_id(old), _id(new))
    return None


def _picture(message: Message) -> Optional[Tuple[str, Optional[int]]]:
    """The largest size of a photo, or a picture that was sent as a file."""
    sizes = message.photo or ()
    candidates = list(sizes) if isinstance(sizes, (list, tuple)) else []
    document = message.document
    if document is not None and str(document.mime_type).startswith("image/"):
        candidates.append(document)  # type: ignore[arg-type]
    for found in reversed(candidates):
        file, size = getattr(found, "file_id", None), getattr(found, "file_size", None)
        if isinstance(file, str) and file:
            return file, size if _is_id(size) else None
    return None


def _press(query: CallbackQuery) -> Optional[Incoming]:
    if not isinstance(query.id, str) or not query.id:
        return None
    message = query.message
    place = _place(getattr(message, "chat", None))
    person = _person(query.from_user)
    number = getattr(message, "message_id", None)
    if place is None or person is None or not _is_id(number) or not isinstance(query.data, str):
        return Orphaned(query.id)
    editable = isinstance(message, Message) and isinstance(message.text, str)
    thread = _thread(message) if isinstance(message, Message) else None
    return Pressed(place, person, query.data, query.id, _id(number), editable, thread)


def _membership(change: ChatMemberUpdated) -> Optional[Incoming]:
    place, person = _place(change.chat), _person(change.from_user)
    status = getattr(change.new_chat_member, "status", None)
    if place is None or person is None or status not in (*_PRESENT, *_ABSENT):
        return None
    return Membership(place, person, status in _PRESENT)


def _place(chat: Optional[Chat]) -> Optional[Place]:
    if not isinstance(chat, Chat) or not _is_id(chat.id) or not isinstance(chat.type, str):
        return None
    kind = _KINDS.get(chat.type)
    if kind is None:
        return None
    title = chat.title if kind is ChatKind.GROUP else _joined(chat.first_name, chat.last_name)
    return Place(chat.id, kind, _name(title, chat.id))


def _person(user: Optional[User]) -> Optional[Person]:
    if not isinstance(user, User) or not _is_id(user.id) or user.is_bot:
        return None
    language = user.language_code if isinstance(user.language_code, str) else None
    return Person(user.id, _name(_joined(user.first_name, user.last_name), user.id), language)


def _thread(message: Message) -> Optional[int]:
    thread = message.message_thread_id
    return thread if message.is_topic_message and _is_id(thread) else None


def _joined(*parts: object) -> str:
    return " ".join(part for part in parts if isinstance(part, str))


def _name(name: object, fallback: int) -> str:
    """One line of what can be printed, without what turns the direction of the text around it."""
    text = name if isinstance(name, str) else ""
    shown = "".join(c if c.isprintable() or c == "\u200d" else " " for c in text[: 4 * _NAME_LIMIT])
    return " ".join(shown.split())[:_NAME_LIMIT] or str(fallback)


def _is_id(value: Any) -> bool:
    """Whether it is a number that SQLite can keep."""
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def _id(value: Any) -> int:
    return int(value)
