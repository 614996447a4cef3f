"""HTML as Telegram takes it: cut to size without breaking it, and turned into plain text."""

from __future__ import annotations

import re
from html import unescape
from typing import Iterator, List, Tuple

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
TOAST_LIMIT = 200
"""In UTF-16 units, of what is read: tags and the writing of entities do not count."""

_PIECE = re.compile(r"<(/?)([a-z-]+)[^<>]*>|&(?:#\w+|\w+);|[^<&]|[<&]", re.DOTALL)


def plain(text: str) -> str:
    """What a person reads of an HTML text."""
    return unescape(re.sub(r"</?[a-z-]+[^<>]*>", "", text))


def units(text: str) -> int:
    """The length of plain text as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def toast(text: str) -> str:
    """An HTML text as the plain line that a press is answered with."""
    line = " ".join(plain(text).split())
    while units(line) > TOAST_LIMIT:
        line = line[:-2].rstrip() + "…"
    return line


def pieces(text: str, limit: int = TEXT_LIMIT) -> List[str]:
    """The text in parts of at most `limit`, cut after a line where there is one, with every tag closed.

    Empty parts are left out.
    """
    parts: List[str] = []
    current = _Part([])
    for atom, size in _atoms(text):
        if current.size + size > limit:
            done, current = current.split()
            parts.append(done)
        current.add(atom, size)
    parts.append(current.text())
    return [part.strip("\n") for part in parts if plain(part).strip()]


def _atoms(text: str) -> Iterator[Tuple[str, int]]:
    """Tags, entities and characters, with the length that Telegram counts."""
    for match in _PIECE.finditer(text):
        atom = match.group()
        yield atom, 0 if match.group(2) else units(unescape(atom))


class _Part:
    """One part as it grows; `opened` are the tags that it began with, open since an earlier part."""

    def __init__(self, opened: List[str]) -> None:
        self._atoms: List[Tuple[str, int]] = [(tag, 0) for tag in opened]
        self.size = 0

    def add(self, atom: str, size: int) -> None:
        self._atoms.append((atom, size))
        self.size += size

    def text(self) -> str:
        return "".join(atom for atom, _ in self._atoms) + _closing(self._open())

    def split(self) -> Tuple[str, _Part]:
        """End it after its last line, or where it stands; returns its text and the next part."""
        atoms = self._atoms
        ends = [index for index, (atom, _) in enumerate(atoms) if atom == "\n"]
        cut = ends[-1] + 1 if ends and _readable(atoms[: ends[-1]]) else len(atoms)
        rest = atoms[cut:]
        self._atoms = atoms[:cut]
        following = _Part(self._open())
        for atom, size in rest:
            following.add(atom, size)
        return self.text(), following

    def _open(self) -> List[str]:
        opened: List[str] = []
        for atom, size in self._atoms:
            if size == 0 and atom.startswith("</"):
                opened = opened[:-1]
            elif size == 0 and atom.startswith("<"):
                opened.append(atom)
        return opened


def _readable(atoms: List[Tuple[str, int]]) -> bool:
    return any(size and atom.strip() for atom, size in atoms)


def _closing(opened: List[str]) -> str:
    names = [re.sub(r"[^a-z-].*", "", tag[1:], flags=re.DOTALL) for tag in reversed(opened)]
    return "".join(f"</{name}>" for name in names)
