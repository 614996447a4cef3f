"""What can be wrong with a configuration: places, problems, and the error that carries them all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, List, NamedTuple, Tuple, Union

from agent.errors import ConfigError

Loc = Tuple[Union[str, int], ...]
"""Where a value is in the settings: ("cameras", 0, "url")."""


class Mark(NamedTuple):
    """A place in the file; both from 1, the column in characters."""

    line: int
    column: int


START = Mark(1, 1)

_MOST = 100
"""Problems in one text: who has more has another kind of file."""


def dotted(loc: Loc) -> str:
    """cameras[0].url"""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and where; `text` also says what to write instead."""

    mark: Mark
    loc: Loc
    text: str

    def __str__(self) -> str:
        where = dotted(self.loc)
        return f"{self.mark.line}:{self.mark.column}: {where + ': ' if where else ''}{self.text}"


class InvalidConfigError(ConfigError):
    """Everything that is wrong with one file, in its order; `secrets` are struck out of the texts.

    Its text is one line per problem: file:line:column: setting: what is wrong. What to write instead.
    """

    def __init__(self, path: Path, problems: Iterable[Problem], secrets: Iterable[str] = ()) -> None:
        hidden = sorted((secret for secret in secrets if len(secret) >= 4), key=len, reverse=True)
        self.path = path
        self.problems: List[Problem] = [
            Problem(problem.mark, problem.loc, _struck(problem.text, hidden))
            for problem in sorted(problems, key=lambda problem: problem.mark)
        ]
        lines = [f"{path}:{problem}" for problem in self.problems[:_MOST]]
        if len(self.problems) > _MOST:
            mark = self.problems[_MOST].mark
            lines.append(
                f"{path}:{mark.line}:{mark.column}: and {len(self.problems) - _MOST} more from here on"
            )
        super().__init__("\n".join(lines))


def _struck(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return text
