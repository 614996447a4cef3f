"""How an engine of each task is tried: one line a task."""

from __future__ import annotations

from typing import Dict

from agent.engines.parity import Trial
from agent.engines.parity_faces import EMBEDDING, FINDING
from agent.engines.parity_fire import FIRE
from agent.engines.parity_objects import BOXES

TRIALS: Dict[str, Trial] = {
    "fire-classification": FIRE,
    "face-detection": FINDING,
    "face-embedding": EMBEDDING,
    "object-detection": BOXES,
}
