"""Writes what is derived from the settings: `python -m agent.config.generate [ROOT]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Dict

from agent.config.editor_schema import editor_schema
from agent.config.example import example_file
from agent.config.settings import Settings
from agent.config.table import with_table

EXAMPLE = Path("deploy/beffroi.example.yaml")
SCHEMA = Path("docs/beffroi.schema.json")
PAGE = Path("docs/configuration.md")


def generated(root: Path) -> Dict[Path, str]:
    """The files, relative to the repository's `root`, with what they should hold."""
    return {
        EXAMPLE: example_file(Settings),
        SCHEMA: json.dumps(editor_schema(Settings), indent=2, ensure_ascii=False) + "\n",
        PAGE: with_table((root / PAGE).read_text(encoding="utf-8"), Settings),
    }


def main(root: Path) -> None:
    """Write all of them."""
    for path, text in generated(root).items():
        (root / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path())
