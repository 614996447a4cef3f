"""A chat as a person sees it, in plain text: its history, and how it looks now."""

from __future__ import annotations

import contextlib
from typing import Iterator, List

from tests.fakes.telegram.world import Chat, Happening, Message, World

_INDENT = "      "


def transcript(world: World, chat: Chat) -> str:
    """Everything that happened, in order: an edit stands where it came, with its new state."""
    lines = [_title(chat)]
    albums: List[str] = []
    for happening in chat.history:
        lines += _told(world, happening, albums)
    return "\n".join(lines) + "\n"


def view(world: World, chat: Chat) -> str:
    """The messages that are there, each in its final state."""
    lines = [_title(chat)]
    for message in chat.messages.values():
        lines += _message(message)
    return "\n".join(lines) + "\n"


def _title(chat: Chat) -> str:
    return f"── {chat.name} ({chat.type}) ──"


def _told(world: World, happening: Happening, albums: List[str]) -> Iterator[str]:
    clock = f"{happening.at:%H:%M}"
    message = happening.message
    if happening.kind == "posted" and message:
        yield from _message(message)
    elif happening.kind == "edited" and message:
        yield f"{clock} ✎ #{message.id} becomes{_what(message)}"
        yield from _body(message)
    elif happening.kind == "deleted" and message:
        yield f"{clock} ✗ #{message.id} deleted"
    elif happening.kind == "pressed" and message:
        yield f"{clock} {happening.who} presses [{happening.what}] on #{message.id}"
    elif happening.kind == "answered" and happening.what:
        yield f"{_INDENT}({happening.who} is shown: {happening.what})"
    elif happening.kind == "told":
        yield f"{clock} · {happening.what}"


def _message(message: Message) -> Iterator[str]:
    who = "channel" if message.sender is None else "bot" if message.by_bot else message.sender.name
    loud = (" (silent)" if message.silent else " (loud)") if message.by_bot else ""
    reply = f" ⟵ reply to #{message.reply_to}" if message.reply_to else ""
    edited = f" (edited {message.edited_at:%H:%M})" if message.edited_at else ""
    yield f"{message.date:%H:%M} #{message.id} {who}{loud}{reply}{_what(message)}{edited}"
    yield from _body(message)


def _what(message: Message) -> str:
    file = message.file
    if file is None:
        return ""
    size = f" {file.width}x{file.height}" if file.width else f" {file.name}"
    album = " of an album" if message.album else ""
    return f" [{file.kind}{size}{album}]"


def _body(message: Message) -> Iterator[str]:
    for line in message.text.splitlines():
        yield f"{_INDENT}{line}".rstrip()
    for row in message.rows:
        yield _INDENT + " ".join(f"[{button['text']}]" for button in row)
