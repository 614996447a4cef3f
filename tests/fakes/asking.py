"""Programs of the system that answer what they are told to."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List, Mapping, Optional, Sequence, Union

from agent.device.commands import Answer


class Programs:
    """Implements agent.device.commands.Ask.

    `answers` go by the beginning of the command line, the program without its folder; the longest counts.
    A text stands for exit code 0. Whatever is not in it is not installed.
    """

    def __init__(self, answers: Optional[Mapping[str, Union[str, Answer]]] = None) -> None:
        self.answers: Dict[str, Union[str, Answer]] = dict(answers or {})
        self.asked: List[str] = []

    def __call__(self, command: Sequence[str]) -> Optional[Answer]:
        line = " ".join([Path(command[0]).name, *command[1:]])
        if command[1:2] == ["-c"]:
            line = " ".join(["python", *command[3:]])  # what a probe is given says which it is
        self.asked.append(line)
        found = max((key for key in self.answers if line.startswith(key)), key=len, default=None)
        if found is None:
            return None
        answer = self.answers[found]
        return Answer(0, answer) if isinstance(answer, str) else answer
