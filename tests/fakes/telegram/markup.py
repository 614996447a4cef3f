"""Telegram's HTML: text and entities out of it, refused as the Bot API refuses it."""

from __future__ import annotations

import html
import re
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from tests.fakes.telegram.errors import bad_request

Entities = List[Dict[str, Any]]

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "blockquote": "blockquote",
}
_TOKEN = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z0-9-]*)(?P<attributes>[^<>]*)>|(?P<stray><)")
_ATTRIBUTE = re.compile(r"""([a-z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|(\S+)))?""")
_NAMED = re.compile(r"&(?:(lt|gt|amp|quot)|#(\d+)|#x([0-9a-fA-F]+));")
_COMMAND = re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@\w+)?")
_URL = re.compile(r"https?://\S+")


class _Open(NamedTuple):
    tag: str
    at: int
    extra: Dict[str, Any]


def units(text: str) -> int:
    """The length of `text` in UTF-16 code units, as the Bot API counts offsets."""
    return len(text.encode("utf-16-le")) // 2


def parse_html(source: str) -> Tuple[str, Entities]:
    """Text without tags and its MessageEntity objects.

    Raises: ApiError (can't parse entities) for unsupported, unbalanced or stray tags.
    """
    text = ""
    entities: Entities = []
    stack: List[_Open] = []
    position = 0
    for token in _TOKEN.finditer(source):
        text += _unescape(source[position : token.start()])
        position = token.end()
        at = len(source[: token.start()].encode())
        tag = (token["name"] or "").lower()
        if token["stray"] or not tag:
            raise _error(f'Unsupported start tag "{tag}" at byte offset {at}')
        if not token["end"]:
            stack.append(_Open(tag, units(text), _extra(tag, token["attributes"], at)))
        elif not stack:
            raise _error(f"Unexpected end tag at byte offset {at}")
        elif stack[-1].tag != tag:
            expected = stack[-1].tag
            raise _error(f'Unmatched end tag at byte offset {at}, expected "</{expected}>", found "</{tag}>"')
        else:
            _close(stack.pop(), text, entities)
    if stack:
        raise _error(f'Can\'t find end tag corresponding to start tag "{stack[-1].tag}"')
    text += _unescape(source[position:])
    return _trimmed(text, sorted(entities, key=lambda e: (e["offset"], -e["length"])))


def detected(text: str) -> Entities:
    """The commands and links that Telegram finds in a plain text."""
    found = [("bot_command", match) for match in _COMMAND.finditer(text)]
    found += [("url", match) for match in _URL.finditer(text)]
    return [
        {"type": kind, "offset": units(text[: match.start()]), "length": units(match.group())}
        for kind, match in sorted(found, key=lambda one: one[1].start())
    ]


def _error(why: str) -> Exception:
    return bad_request(f"can't parse entities: {why}")


def _extra(tag: str, attributes: str, at: int) -> Dict[str, Any]:
    if tag not in _TAGS:
        raise _error(f'Unsupported start tag "{tag}" at byte offset {at}')
    given = {name: a or b or c for name, a, b, c in _ATTRIBUTE.findall(attributes)}
    if tag == "a":
        return {"url": html.unescape(given["href"])} if given.get("href") else {"url": None}
    if tag == "span" and given.get("class") != "tg-spoiler":
        raise _error(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
    if tag == "blockquote" and "expandable" in given:
        return {"type": "expandable_blockquote"}
    return {}


def _close(opened: _Open, text: str, entities: Entities) -> None:
    length = units(text) - opened.at
    if length == 0 or opened.extra.get("url", "") is None:
        return
    entities.append({"type": _TAGS[opened.tag], "offset": opened.at, "length": length, **opened.extra})


def _unescape(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        name, decimal, hexadecimal = match.groups()
        if name:
            return html.unescape(f"&{name};")
        return chr(int(decimal) if decimal else int(hexadecimal, 16))

    return _NAMED.sub(one, text)


def _trimmed(text: str, entities: Entities) -> Tuple[str, Entities]:
    """Without the white space around, which Telegram cuts."""
    cut = units(text) - units(text.lstrip())
    text = text.strip()
    kept: Entities = []
    for entity in entities:
        start = max(entity["offset"] - cut, 0)
        end = min(entity["offset"] + entity["length"] - cut, units(text))
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return text, kept


def formatted(
    source: Optional[str], parse_mode: Optional[str], entities: Optional[Entities]
) -> Tuple[str, Entities]:
    """The text and entities that a text parameter, its parse_mode and its own entities make together."""
    if parse_mode == "HTML":
        return parse_html(source or "")
    return _trimmed(source or "", entities or [])
