"""A chat as a person sees it, in plain text: its history, and how it looks now."""

from __future__ import annotations

from typing import Dict, Iterator, List, Sequence

from tests.fakes.telegram.records import Chat, Happening, Message

_INDENT = "      "


def transcript(chat: Chat) -> str:
    """Everything that happened, in order: an edit stands where it came, with what became of the message."""
    lines = [_title(chat)]
    before: Dict[int, Message] = {}
    for run in _runs(chat.history):
        lines += _told(run, before)
        for happening in run:
            if happening.message:
                before[happening.message.id] = happening.message
    return "\n".join(lines) + "\n"


def view(chat: Chat) -> str:
    """The messages that are there, each in its present state."""
    posted = [Happening("posted", message.date, message) for message in chat.messages.values()]
    lines = [_title(chat)]
    for run in _runs(posted):
        lines += _posted([happening.message for happening in run if happening.message])
    return "\n".join(lines) + "\n"


def _title(chat: Chat) -> str:
    return f"── {chat.name} ({chat.type}) ──"


def _runs(history: Sequence[Happening]) -> Iterator[List[Happening]]:
    """Each happening by itself, but the pictures of an album together."""
    run: List[Happening] = []
    for happening in history:
        if run and not (_album(happening) and _album(happening) == _album(run[0])):
            yield run
            run = []
        run.append(happening)
    if run:
        yield run


def _album(happening: Happening) -> str:
    return (happening.message.album or "") if happening.kind == "posted" and happening.message else ""


def _told(run: List[Happening], before: Dict[int, Message]) -> Iterator[str]:
    happening = run[0]
    clock = f"{happening.at:%H:%M}"
    message = happening.message
    if message is None:
        yield f"{clock} · {happening.what}"
    elif happening.kind == "posted":
        yield from _posted([one.message for one in run if one.message])
    elif happening.kind == "edited":
        yield from _edited(clock, before[message.id], message)
    elif happening.kind == "deleted":
        yield f"{clock} ✗ #{message.id} deleted"
    elif happening.kind == "pressed":
        yield f"{clock} ☞ {happening.who} presses [{happening.what}] below #{message.id}"
    elif happening.what:
        yield f"{_INDENT}{happening.who} is told: {happening.what}"


def _posted(messages: List[Message]) -> Iterator[str]:
    first, last = messages[0], messages[-1]
    who = "channel" if first.sender is None else "bot" if first.by_bot else first.sender.name
    parts = [
        f"{first.date:%H:%M}",
        f"#{first.id}" if first is last else f"#{first.id}-#{last.id}",
        who,
        ("(silent)" if first.silent else "(loud)") if first.by_bot else "",
        f"⟵ reply to #{first.reply_to}" if first.reply_to else "",
        *(_file(message) for message in messages),
        *(f"· {name.replace('_', ' ')}" for name in first.extra),
        f"(edited {first.edited_at:%H:%M})" if first.edited_at else "",
    ]
    yield " ".join(part for part in parts if part)
    for message in messages:
        yield from _body(message)


def _edited(clock: str, before: Message, now: Message) -> Iterator[str]:
    if (before.text, before.file) == (now.text, now.file):
        yield f"{clock} ✎ #{now.id} {'has other buttons' if now.rows else 'loses its buttons'}"
        yield from _buttons(now)
        return
    picture = f" {_file(now)}" if before.file != now.file else ""
    yield f"{clock} ✎ #{now.id} now says{picture}"
    yield from _body(now)


def _file(message: Message) -> str:
    file = message.file
    if file is None:
        return ""
    return f"[{file.kind} {file.width}x{file.height}]" if file.width else f"[{file.kind} {file.name}]"


def _body(message: Message) -> Iterator[str]:
    for line in _with_links(message).splitlines():
        yield f"{_INDENT}{line}".rstrip()
    yield from _buttons(message)


def _buttons(message: Message) -> Iterator[str]:
    for row in message.rows:
        yield _INDENT + " ".join(f"[{button['text']}]" for button in row)
    keyboard = message.keyboard or {}
    for row in keyboard.get("keyboard", []):
        yield f"{_INDENT}⌨ " + " ".join(f"[{button['text']}]" for button in row)
    if keyboard.get("remove_keyboard"):
        yield f"{_INDENT}⌨ (gone)"


def _with_links(message: Message) -> str:
    """The text, with the address behind each linked word."""
    encoded = message.text.encode("utf-16-le")
    for entity in reversed(message.entities):
        if entity["type"] == "text_link":
            end = 2 * (entity["offset"] + entity["length"])
            encoded = encoded[:end] + f" <{entity['url']}>".encode("utf-16-le") + encoded[end:]
    return encoded.decode("utf-16-le")
