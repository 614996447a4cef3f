"""YAML syntax errors in plain words. The library's own texts are not passed on: they quote the file."""

from __future__ import annotations

from typing import Optional

_PLAIN_WORDS = (
    ("'\\t' that cannot start any token", "a tab cannot indent. Use spaces"),
    ("that cannot start any token", "this character cannot start a value. Put quotes around the value"),
    (
        "mapping values are not allowed",
        'a second ": " in one value. Put quotes around the value, or start a new line',
    ),
    ("mapping keys are not allowed", 'a "?" cannot stand here. Write name: value'),
    (
        "sequence entries are not allowed",
        'a "- " cannot stand here. Start a new line, or put quotes around the value',
    ),
    ("could not find expected ':'", 'a name without ": ". Write name: value'),
    ("expected ',' or ']'", 'a list that is not closed. Put "," between its entries and "]" at the end'),
    ("expected ',' or '}'", 'a group that is not closed. Put "," between its settings and "}" at the end'),
    ("expected <block end>", "the indentation does not match the lines above. Line it up with them"),
    ("unexpected end of stream", "the file ends inside a quoted text. Close the quotes"),
    ("document separator", "the document ends inside a quoted text. Close the quotes"),
    (
        "unknown escape character",
        "unknown escape after a backslash. Use single quotes, in which a backslash is itself",
    ),
    (
        "expected escape sequence",
        "unfinished escape after a backslash. Use single quotes, in which it is itself",
    ),
    ("undefined alias", "aliases (*name) are not used here. Put quotes around the value"),
    ("expected alphabetic or numeric", "a value cannot start with & or *. Put quotes around the value"),
    ("undefined tag handle", "a value cannot start with !. Put quotes around the value"),
    ("chomping or indentation", "a value cannot start with | or >. Put quotes around the value"),
    ("document start", "something follows the end of the document. Delete it"),
    ("document end", "something follows the end of the document. Delete it"),
    ("YAML document (version", "a file of another YAML version. Delete the %YAML line"),
)


def explain(problem: Optional[str]) -> str:
    """What is wrong and what to do, for the library's `problem`."""
    for part, words in _PLAIN_WORDS:
        if problem is not None and part in problem:
            return words
    return "is not YAML. Write name: value, one a line, with spaces for indentation, and quote odd characters"
