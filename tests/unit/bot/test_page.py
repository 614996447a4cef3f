"""The table of commands in docs/telegram.md is what the bot allows."""

from __future__ import annotations

import re
from pathlib import Path

from agent.domain.access import RIGHTS, Role
from alerts.bot.registry import COMMANDS

PAGE = Path(__file__).parents[3] / "docs" / "telegram.md"
COLUMNS = (Role.VIEWER, Role.OPERATOR, Role.ENROLLER, Role.ADMIN)


def test_the_table_of_commands_is_true() -> None:
    rows = re.findall(
        r"^\| `/(\w+)`.*?((?: \| ?(?:✓ ?)?){4})\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    told = {name: ["✓" in cell for cell in cells.split("|")[1:]] for name, cells in rows}
    assert told == {
        each.name: [each.right is None or each.right in RIGHTS[role] for role in COLUMNS]
        for each in COMMANDS
        if each.typed
    }
