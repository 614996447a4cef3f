"""Reads a page as a browser would, and refuses what a page for people must not have."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Dict, List, Optional, Tuple

_VOID = {"meta", "img", "br"}
_LOADING = {"script", "link", "iframe", "object", "embed", "base", "form"}


class HtmlPage(HTMLParser):
    """Elements with their attributes, and words, of a page or a part of one.

    AssertionError where elements are not closed in the order in which they were opened, a picture is not
    inside or does not say what it shows, or anything would be loaded.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: List[Tuple[str, Dict[str, str]]] = []
        self.words: List[str] = []
        self._open: List[str] = []
        self.feed(text)
        self.close()
        assert not self._open, f"left open: {self._open}"
        assert not _LOADING & {tag for tag, _ in self.elements}
        assert all(one["src"].startswith("data:image/") and one["alt"].strip() for one in self.of("img"))
        assert not [one for one in self._references() if not one.startswith(("#", "data:image/"))]
        assert "url(" not in text
        assert "@import" not in text

    def handle_starttag(self, tag: str, attrs: List[Tuple[str, Optional[str]]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        opened = self._open.pop()
        assert tag == opened, f"</{tag}> closes <{opened}>"

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def of(self, tag: str) -> List[Dict[str, str]]:
        """The attributes of each such element."""
        return [attributes for name, attributes in self.elements if name == tag]

    def _references(self) -> List[str]:
        return [one[name] for _, one in self.elements for name in ("src", "href", "srcset") if name in one]
