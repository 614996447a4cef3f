"""Boxed pictures as a classifier learns them: which class what is boxed in them makes of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import List, Optional, Sequence

from agent.inference.manifest import FIRE_LABELS
from models.boxed_pictures import Scene
from models.data import Item, picture_of
from models.detect.data import items
from models.pasting import SHARES, START_FIRE, coloured

_GLOW = 0.05
"""Small flames in a picture of which so much has the colours of fire are neither a fire nor a start-fire."""
_MOST = 0.9
"""Smoke that covers more of the picture leaves nothing else to see: fog looks the same."""


def classed(root: Path, scenes: Sequence[Scene]) -> List[Item]:
    """Those of the folder `root` whose class is beyond doubt, with one of FIRE_LABELS.

    The rule of the data: flames of 3 % of the picture or more are a fire; smaller ones, and smoke without
    flames, a start-fire. What is smaller than what is pasted is left out, for nobody sees it at a network's
    size, and so is a picture without flames in which not all was looked for. Raises DataError for what cannot
    be decoded.
    """
    found = []
    for scene, item in zip(scenes, items(root, scenes)):
        label = _class(scene)
        if label is not None:
            found.append(replace(item, label=label))
    return found


def _class(scene: Scene) -> Optional[str]:
    covered = {
        name: sum(thing.box.area for thing in scene.things if thing.label == name)
        for name in ("fire", "smoke")
    }
    fire, start_fire, no_fire = FIRE_LABELS
    if covered["fire"] >= START_FIRE:
        return fire
    if covered["fire"]:
        plain = covered["fire"] >= SHARES[0] and coloured(picture_of(scene.path)) < _GLOW
        return start_fire if plain else None
    if "fire" not in scene.labelled or "smoke" not in scene.labelled:
        return None
    if covered["smoke"]:
        return start_fire if SHARES[0] <= covered["smoke"] <= _MOST else None
    return no_fire
