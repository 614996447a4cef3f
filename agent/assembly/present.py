"""What runs on the device at present: shown where it changes while the agent runs."""

from __future__ import annotations

from dataclasses import replace

from agent.domain.evidence import ModelInfo
from agent.domain.health import AgentStatus
from agent.ports import StatusBoard


class Present:
    """One writer, the analyser's thread, once it was shown first."""

    def __init__(self, status: AgentStatus, board: StatusBoard) -> None:
        self._status = status
        self._board = board

    def read(self) -> AgentStatus:
        return self._status

    def show(self) -> None:
        self._board.agent(self._status)

    def looks_with(self, model: ModelInfo) -> None:
        """Another model, backend or precision looks from now on."""
        self._status = replace(self._status, models=[model])
        self.show()
