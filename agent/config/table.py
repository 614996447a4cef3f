"""The table of all settings in the documentation."""

from __future__ import annotations

from typing import Type

from agent.config.problems import dotted
from agent.config.section import Section
from agent.config.shape import walk
from agent.config.wording import allowed, yaml_value

BEGIN = "<!-- settings: written by python -m agent.config.generate -->"
END = "<!-- settings: end -->"


def settings_table(root: Type[Section]) -> str:
    """A Markdown table: setting, what it must be, default, what it does."""
    rows = ["| setting | must be | default | what it does |", "|---|---|---|---|"]
    for path, setting in walk(root):
        default = "required" if setting.required else ""
        if setting.kind not in ("section", "sections") and setting.default is not None:
            default = f"`{yaml_value(setting.default)}`"
        cells = (f"`{dotted(path)}`", allowed(setting), default, setting.info.description or "")
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def with_table(page: str, root: Type[Section]) -> str:
    """`page` with what stands between its two markers replaced. Raises ValueError where one is missing."""
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"the page needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{settings_table(root)}\n\n{END}{after}"
