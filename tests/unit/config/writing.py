"""Writes configurations and collects what the loader says of them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import List, Mapping, Optional

from agent.config.loader import load
from agent.config.problems import InvalidConfigError
from agent.config.settings import Settings

CAMERA = "cameras: [rtsp://camera.example/1]\n"


class Desk:
    """Loads texts from one folder under one environment."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "beffroi.yaml"

    def load(self, text: str, environ: Optional[Mapping[str, str]] = None) -> Settings:
        self.path.write_text(dedent(text), encoding="utf-8")
        return load(self.path, environ or {})

    def problems(self, text: str, environ: Optional[Mapping[str, str]] = None) -> List[str]:
        """`line:column: setting: text` of each problem; fails where the text loads."""
        try:
            settings = self.load(text, environ)
        except InvalidConfigError as error:
            return [str(problem) for problem in error.problems]
        raise AssertionError(f"loaded as {settings}")

    def problem(self, text: str, environ: Optional[Mapping[str, str]] = None) -> str:
        (problem,) = self.problems(text, environ)
        return problem
