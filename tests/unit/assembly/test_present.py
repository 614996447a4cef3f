from __future__ import annotations

from dataclasses import replace

from agent.assembly.present import Present
from agent.domain.health import AgentStatus
from tests.fakes.changes import AT, MODEL
from tests.unit.assembly.test_boards import ListBoard


def test_another_model_is_shown_and_read() -> None:
    board = ListBoard()
    present = Present(AgentStatus("1", AT, 1, [MODEL], ["yard"]), board)
    present.show()
    other = replace(MODEL, backend="tensorrt")
    present.looks_with(other)
    assert board.shown == [AgentStatus("1", AT, 1, [model], ["yard"]) for model in (MODEL, other)]
    assert present.read().models == [other]
