"""The commented example file: every setting with what it does, what it allows and its default."""

from __future__ import annotations

import textwrap
from typing import Iterator, Type

from agent.config.section import Section
from agent.config.shape import Setting, settings_of
from agent.config.wording import allowed, example, yaml_value

_HEAD = """\
# yaml-language-server: $schema=../docs/beffroi.schema.json
#
# Beffroi's configuration. Only a camera is needed. What is commented out shows its default, or an example:
# delete the one # in front of a name to set it. Check the file with `beffroi check`.
#
# ${VARIABLE} and ${VARIABLE:-default} stand for environment variables, everywhere; a secret can also be
# file:/path, the path of a file that holds it. docs/configuration.md tells more.
"""
_WIDTH = 108


def example_file(root: Type[Section]) -> str:
    """The text of the file; it loads as it stands, and with every setting uncommented."""
    return _HEAD + "\n".join(_lines(root, 0, "")) + "\n"


def _lines(section: Type[Section], indent: int, hash: str) -> Iterator[str]:
    pad = " " * indent
    for setting in settings_of(section).values():
        if indent == 0:
            yield ""
        yield from _comment(setting, pad)
        if setting.kind == "section" and setting.section is not None:
            inside = hash or ("#" if setting.optional else "")
            yield f"{pad}{inside}{setting.name}:"
            yield from _lines(setting.section, indent + 2, inside)
        elif setting.kind == "sections" and setting.section is not None:
            inside = hash or ("#" if setting.optional else "")
            yield f"{pad}{inside}{setting.name}:"
            yield from _entries(setting, setting.section, indent + 2, inside)
        else:
            off = hash if setting.required else "#"
            yield f"{pad}{off}{setting.name}: {yaml_value(example(setting))}"


def _entries(setting: Setting, section: Type[Section], indent: int, hash: str) -> Iterator[str]:
    pad = " " * indent
    if section.shorthand is not None:
        yield f"{pad}- {yaml_value(example(setting))}"
        yield f"{pad}# Or with all that can be told:"
    yield f"{pad}{hash}-"
    yield from _lines(section, indent + 2, hash)


def _comment(setting: Setting, pad: str) -> Iterator[str]:
    text = setting.info.description or ""
    if setting.kind not in ("section", "sections"):
        words = allowed(setting)
        fact = "required" if setting.required else "left out by default"
        if setting.default is not None:
            fact = f"default {yaml_value(setting.default)}"
        text += f" [{words}; {fact}]"
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent=f"{pad}# ", subsequent_indent=f"{pad}# ", break_on_hyphens=False
    )
