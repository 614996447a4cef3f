"""Keys, parities and moments that the engines' tests share."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from agent.engines.key import EngineKey, Machine, Recipe
from agent.engines.record import Parity

AT = datetime(2026, 1, 1, 12, 0, tzinfo=timezone.utc)
XAVIER = Machine("8.5.2.2", "Xavier", "7.2")
FP32 = Recipe("fp32", (1, 4, 4), 256)
GOOD = Parity(12, 0.001, 1.0)
KEY = EngineKey("colours", "ab" * 32, "fp32", "pictures", (3, 32, 32), XAVIER, FP32)


def key(**changes: Any) -> EngineKey:
    """KEY with parts of it replaced; a precision also in the recipe."""
    made = replace(KEY, **changes)
    return replace(made, recipe=replace(made.recipe, precision=made.precision))
